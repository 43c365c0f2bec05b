using System.Text.Json;

namespace Gateway.Commands;

/// <summary>What is known of a command's way, and no more. The numbers are those of <see cref="Journal.CommandStepState"/>, and so are on disk.</summary>
internal enum CommandState : byte
{
    /// <summary>It waits for the device's next confirmable message.</summary>
    Queued = 1,

    /// <summary>An answer carries it, which may have been lost.</summary>
    Sent = 2,

    /// <summary>The device has it, as far as its rule asks.</summary>
    Delivered = 3,

    /// <summary>The device has done it: its script says so.</summary>
    Applied = 4,

    /// <summary>The device will not do it: its script says so.</summary>
    Rejected = 5,

    /// <summary>Its time ran out before there was evidence that it had arrived.</summary>
    Expired = 6,

    /// <summary>The caller took it back.</summary>
    Cancelled = 7,

    /// <summary>A newer command with the same key took its place.</summary>
    Superseded = 8,

    /// <summary>It could not be encoded, or was sent as often as it may be without evidence.</summary>
    Failed = 9,
}

/// <summary>The table of all steps that a command can take, and nothing else of it anywhere.</summary>
//
//                ┌──────────── again ───────────┐
//                ▼                              │
//   (new) ──► queued ──► sent (attempt n) ──────┤
//                │        │  └─ sent again ◄────┘
//                │        ├──► delivered ──► applied, rejected, failed
//                │        ├──► applied, rejected          its script has read evidence
//                │        └──► expired, failed            no evidence, and no time or attempts left
//                ├──► applied, rejected                   late evidence of an attempt that was given up
//                └──► expired, cancelled, superseded, failed
//
internal static class CommandSteps
{
    /// <summary>Whether a command in one state can come into another.</summary>
    /// <param name="from">Where it stands; null for one that is new.</param>
    /// <param name="to">Where it would be.</param>
    /// <param name="attempts">How often it has been sent: of one that never was, nobody has evidence.</param>
    public static bool CanBecome(this CommandState? from, CommandState to, int attempts) => (from, to) switch
    {
        (null, CommandState.Queued) => true,
        (CommandState.Queued, CommandState.Sent or CommandState.Expired or CommandState.Cancelled or CommandState.Superseded or CommandState.Failed) => true,
        (CommandState.Queued, CommandState.Applied or CommandState.Rejected) => attempts > 0,
        (CommandState.Sent, CommandState.Sent or CommandState.Queued or CommandState.Delivered or CommandState.Applied or CommandState.Rejected) => true,
        (CommandState.Sent, CommandState.Expired or CommandState.Failed) => true,
        (CommandState.Delivered, CommandState.Applied or CommandState.Rejected or CommandState.Failed) => true,
        _ => false,
    };

    /// <summary>Whether the gateway still has something to do for a command in this state.</summary>
    public static bool IsActive(this CommandState state) => state is CommandState.Queued or CommandState.Sent;

    /// <summary>The state as the API and the log write it: <c>queued</c>.</summary>
    public static string Name(this CommandState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
