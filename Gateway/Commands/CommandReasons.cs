using System.Globalization;

namespace Gateway.Commands;

/// <summary>Why commands end as they do, in words for their callers.</summary>
internal static class CommandReasons
{
    /// <summary>The device's script says that its last exchange failed.</summary>
    public const string ExchangeFailed = "the device says that its last exchange failed";

    /// <summary>The answer that carried it never left.</summary>
    public const string NotGiven = "the answer that carried it could not be given in time";

    /// <summary>Nobody waits for the acknowledgement any more: the gateway was stopped.</summary>
    public const string NotAcknowledged = "the gateway was stopped before the device had acknowledged it";

    public static string NotReached(QueuedCommand command, string reason) => $"it was sent {Times(command.Attempts)}, as often as it may be; the last time {reason}";

    public static string Expired(QueuedCommand command) => command.Attempts == 0
        ? "its time ran out before the device could be reached"
        : $"its time ran out; it had been sent {Times(command.Attempts)} without evidence that it was applied";

    public static string NoEvidence(QueuedCommand command) => $"it was sent {Times(command.Attempts)}, as often as it may be, and there was no evidence that it was applied";

    public static string NoEvidenceYet(TimeSpan within) => string.Create(CultureInfo.InvariantCulture, $"no evidence within {within.TotalSeconds:0.#} s");

    public static string TooLarge(int bytes, int room) => string.Create(
        CultureInfo.InvariantCulture, $"too_large: it takes {bytes} bytes, and the answer has room for {room}; a device that asks with Block2 gets larger ones");

    private static string Times(int attempts) => attempts == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{attempts} times");
}
