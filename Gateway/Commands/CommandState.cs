using System.Text.Json;

namespace Gateway.Commands;

/// <summary>What is known of a command's way, and no more.</summary>
internal enum CommandState
{
    /// <summary>It waits for the device's next confirmable message.</summary>
    Queued,

    /// <summary>It was put into an answer, which may have been lost.</summary>
    Sent,

    /// <summary>The device has spoken again after the answer.</summary>
    Delivered,

    /// <summary>The caller took it back before it was sent.</summary>
    Cancelled,

    /// <summary>Its time ran out before it was sent.</summary>
    Expired,

    /// <summary>It could not be encoded.</summary>
    Failed,
}

internal static class CommandStates
{
    /// <summary>Whether nothing more can happen to a command in this state.</summary>
    public static bool IsEnd(this CommandState state) => state is not (CommandState.Queued or CommandState.Sent);

    /// <summary>The state as the API and the log write it: <c>queued</c>.</summary>
    public static string Name(this CommandState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    /// <summary>The table of all steps that there are.</summary>
    public static bool CanBecome(this CommandState from, CommandState to) => (from, to) switch
    {
        (CommandState.Queued, CommandState.Sent or CommandState.Cancelled or CommandState.Expired or CommandState.Failed) => true,
        (CommandState.Sent, CommandState.Delivered) => true,
        _ => false,
    };
}
