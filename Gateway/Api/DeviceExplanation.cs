using System.ComponentModel;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>What a device has said lately, what it was answered, and what is to be expected of its commands.</summary>
internal sealed record DeviceExplanation
{
    public required string DeviceId { get; init; }

    [Description("active or held; missing when the device is not registered.")]
    public DeviceState? State { get; init; }

    [Description("How it speaks, as observed since the start of the gateway; missing when it has not spoken since.")]
    public DeviceRhythmStatus? Rhythm { get; init; }

    [Description("Its commands that are under way: those that were sent, then those that wait, in the order in which they go. At most 100.")]
    public required IReadOnlyList<CommandExplanation> Commands { get; init; }

    [Description("Its last exchanges, the newest first, as far as devices.exchanges_kept goes back.")]
    public required IReadOnlyList<ExchangeStatus> Exchanges { get; init; }

    private const int MostCommands = 100;

    public static async Task<Results<Ok<DeviceExplanation>, ProblemHttpResult>> GetAsync(
        string device_id, DeviceDirectory directory, CommandOutlooks outlooks, RecentExchanges exchanges, CancellationToken cancellation)
    {
        if (!Devices.DeviceId.TryParse(device_id, out var id))
        {
            return Problems.NotFound($"device {device_id} is not known");
        }

        // A device that is refused is not registered, and yet there is something to tell of it.
        var device = await directory.FindAsync(id, cancellation);
        var last = exchanges.Of(id);
        return device is null && last.Count == 0 ? Problems.NotFound($"device {device_id} is not known, and has not spoken lately") : TypedResults.Ok(new DeviceExplanation
        {
            DeviceId = id.ToString(),
            State = device?.State,
            Rhythm = exchanges.RhythmOf(id) is { } rhythm ? DeviceRhythmStatus.Of(rhythm) : null,
            Commands = [.. outlooks.OfDevice(id, device).Take(MostCommands).Select(entry => CommandExplanation.Of(entry.Command, entry.Outlook))],
            Exchanges = [.. last.Select(ExchangeStatus.Of)],
        });
    }
}

/// <summary>How a device speaks.</summary>
internal sealed record DeviceRhythmStatus
{
    public required long Messages { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    [Description("The usual time between two messages: the median of the last eight.")]
    public double? IntervalSeconds { get; init; }

    [Description("How many of the messages were confirmable (CON). Commands go out in the answers to those only.")]
    public required long Confirmables { get; init; }

    public DateTimeOffset? LastConfirmableAt { get; init; }

    [Description("The usual time between two confirmable messages.")]
    public double? ConfirmableIntervalSeconds { get; init; }

    [Description("When it means to speak again, by its own word: what its script gives as metadata next_transmission_at.")]
    public DateTimeOffset? NextTransmissionAt { get; init; }

    public static DeviceRhythmStatus Of(DeviceRhythm rhythm) => new()
    {
        Messages = rhythm.Messages,
        LastAt = rhythm.LastAt,
        IntervalSeconds = rhythm.Interval?.TotalSeconds,
        Confirmables = rhythm.Confirmables,
        LastConfirmableAt = rhythm.LastConfirmableAt,
        ConfirmableIntervalSeconds = rhythm.ConfirmableInterval?.TotalSeconds,
        NextTransmissionAt = rhythm.NextTransmissionAt,
    };
}

/// <summary>A command that is under way.</summary>
/// <param name="RequestId">Which.</param>
/// <param name="CommandType">What it asks for.</param>
/// <param name="State">queued or sent.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Outlook">What is to be expected of it.</param>
internal sealed record CommandExplanation(string RequestId, string CommandType, CommandState State, int Attempts, CommandOutlook Outlook)
{
    public static CommandExplanation Of(QueuedCommand command, CommandOutlook outlook) =>
        new(command.RequestId, command.CommandType, command.State, command.Attempts, outlook);
}

/// <summary>A message of a device and its answer.</summary>
internal sealed record ExchangeStatus
{
    [Description("The gateway's id of the exchange, which the journal and the readings have too.")]
    public required string RequestId { get; init; }

    [Description("Who spoke; missing when nobody could be found.")]
    public string? DeviceId { get; init; }

    public required string Profile { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required double TookMilliseconds { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Peer { get; init; }

    public required bool Confirmable { get; init; }

    public required int PayloadBytes { get; init; }

    [Description("What became of the payload; none when nothing of it is kept.")]
    public required FrameOutcome Outcome { get; init; }

    public required int Readings { get; init; }

    [Description("Why it could not be read, or was refused.")]
    public string? Problem { get; init; }

    [Description("The code of the answer, such as 2.01.")]
    public required string Answer { get; init; }

    public required int AnswerBytes { get; init; }

    [Description("What it did for the device's commands.")]
    public required CommandVerdict Commands { get; init; }

    [Description("The same in a sentence.")]
    public required string Explanation { get; init; }

    [Description("The request ids of the commands that the answer carried.")]
    public IReadOnlyList<string>? Carried { get; init; }

    public static ExchangeStatus Of(DeviceExchange exchange) => new()
    {
        RequestId = exchange.RequestId,
        DeviceId = exchange.Device.IsNone ? null : exchange.Device.ToString(),
        Profile = exchange.Profile,
        ReceivedAt = exchange.ReceivedAt,
        TookMilliseconds = exchange.Took.TotalMilliseconds,
        Method = exchange.Method.ToString(),
        Path = exchange.Path,
        Peer = exchange.Peer,
        Confirmable = exchange.Confirmable,
        PayloadBytes = exchange.PayloadLength,
        Outcome = exchange.Outcome,
        Readings = exchange.ReadingCount,
        Problem = exchange.Problem,
        Answer = exchange.Code.ToString(),
        AnswerBytes = exchange.AnswerLength,
        Commands = exchange.Verdict,
        Explanation = exchange.Explanation,
        Carried = exchange.Carried?.Split(", "),
    };
}
