using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>What the end of a push means for its commands, and for those that answers have carried before: by acknowledging it the device has spoken.</summary>
internal sealed class PushSettlement(Push push, PushEnd end, CommandIndex index, CommandScripts scripts, DateTimeOffset now)
{
    private readonly List<CommandStepTaken> _steps = [];

    /// <summary>The steps; the device's turn is the caller's.</summary>
    /// <param name="registration">Who speaks for the device.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask<IReadOnlyList<CommandStepTaken>> MakeAsync(Func<ValueTask<Registration?>> registration, CancellationToken cancellation)
    {
        foreach (var carried in push.Commands)
        {
            // It may have come further meanwhile: the device's script has read evidence, or it was sent again after a restart.
            if (index.Find(carried.RequestId) is { State: CommandState.Sent } command && command.Attempts == carried.Attempts)
            {
                await SettleAsync(command, registration, cancellation);
            }
        }

        if (end.Outcome is PushOutcome.Acknowledged)
        {
            foreach (var answered in index.Of(push.Device, 0, now).Sent.Where(sent => sent is { IsPushed: false, Confirm: not CommandConfirm.Script } && sent.SentAt <= push.At && !push.Carries(sent)))
            {
                Step(answered, CommandState.Delivered);
            }
        }

        return _steps;
    }

    private async ValueTask SettleAsync(QueuedCommand command, Func<ValueTask<Registration?>> registration, CancellationToken cancellation)
    {
        switch (end.Outcome)
        {
            case PushOutcome.Acknowledged when command.Confirm is not CommandConfirm.Script:
                Step(command, CommandState.Delivered);
                break;
            case PushOutcome.Acknowledged when !end.Answer.IsEmpty && await registration() is { } speaker:
                Step(command, await scripts.ConfirmAsync(command.ToCommand(), speaker, end.Answer, Answered(), cancellation));
                break;
            case PushOutcome.Rejected:
                Step(command, CommandState.Rejected, end.Reason);
                break;
            case PushOutcome.Failed when command.Attempts >= command.MaxAttempts:
                Step(command, CommandState.Failed, CommandReasons.NotReached(command, end.Reason!));
                break;
            case PushOutcome.Failed:
                Step(command, CommandState.Queued, end.Reason);
                break;
        }
    }

    // The answer in the words in which scripts get messages.
    private UplinkRequest Answered() => new()
    {
        RequestId = "",
        Method = push.Request?.Method.ToString() ?? "",
        Path = push.Request?.Target ?? "",
        ContentFormat = end.AnswerFormat,
        ReceivedAt = now,
        Peer = push.Link?.Peer.ToString() ?? "",
    };

    private void Step(QueuedCommand command, CommandEvidence evidence)
    {
        if (evidence.Kind is not CommandEvidenceKind.Unknown)
        {
            Step(command, evidence.Kind is CommandEvidenceKind.Applied ? CommandState.Applied : CommandState.Rejected, evidence.Reason.Length > 0 ? evidence.Reason : null);
        }
    }

    private void Step(QueuedCommand command, CommandState state, string? reason = null) => _steps.Add(new CommandStepTaken(command, command.Step(state, now, reason)));
}
