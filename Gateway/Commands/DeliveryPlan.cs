using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>
/// What a message of a device means for its commands: what is known now of those that were sent, and which go out with the answer.
/// <see cref="MakeAsync"/> only plans; a step happens when it is on disk, together with the message.
/// </summary>
/// <param name="message">The message.</param>
/// <param name="lane">The device's commands.</param>
/// <param name="scripts">The scripts.</param>
/// <param name="timeoutOf">How long a command's evidence is waited for.</param>
/// <param name="now">The time of the steps.</param>
internal sealed class DeliveryPlan(CommandMessage message, LaneView lane, CommandScripts scripts, Func<QueuedCommand, TimeSpan> timeoutOf, DateTimeOffset now)
{
    /// <summary>
    /// How many of those that were sent, and of those that wait, a plan looks at. A message and its steps are committed together, as 64 records
    /// at most; whatever is left over comes with the next message.
    /// </summary>
    public const int MaxSeen = 16;

    private const int MaxMerged = 8;

    // Frames are answered within milliseconds. One that took longer than this may have been overtaken by the next of its device.
    private static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(10);

    private readonly List<CommandStepTaken> _steps = [];

    // Those that were sent, and go out again with this answer or wait again.
    private readonly List<(QueuedCommand Command, string Reason)> _back = [];

    // Of those that were sent and may still be confirmed, the highest priority: what stands behind them has to wait.
    private int? _held;

    /// <summary>The steps, in the order in which they happen.</summary>
    public IReadOnlyList<CommandStepTaken> Steps => _steps;

    /// <summary>What the answer carries; null when it carries no command.</summary>
    public ReadOnlyMemory<byte>? Payload { get; private set; }

    /// <summary>Why the answer carries what it does. Only of a message whose answer may carry a command.</summary>
    public CommandVerdict Verdict { get; private set; }

    /// <summary>Whether the message has come before, and its answer carried commands: it gets the same again, and moves nothing on.</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>The request ids of the commands that the answer carries, for people.</summary>
    public string Carried => string.Join(", ", IsRepeated
        ? lane.Sent.Where(command => command.SentIn?.Digest == message.Digest).Select(command => command.RequestId)
        : _steps.Where(step => step.After.State is CommandState.Sent).Select(step => step.After.RequestId));

    /// <summary>The request that carries a command to the device's own server; null for an answer or a notification.</summary>
    public PushRequest? Request { get; private set; }

    /// <summary>The command that is next and finds no room in this answer, but may in a later one; null for none.</summary>
    public QueuedCommand? WaitsForRoom { get; private set; }

    public async ValueTask MakeAsync(CancellationToken cancellation)
    {
        if (IsRepetition())
        {
            Verdict = Payload is null ? CommandVerdict.NoneWaiting : CommandVerdict.Carried;
            return;
        }

        await JudgeSentAsync(cancellation);
        await JudgeGivenUpAsync(cancellation);
        if (message.Carries)
        {
            await ChooseAsync(cancellation);
            Verdict = Judge();
        }

        foreach (var (command, reason) in _back)
        {
            Step(command, CommandState.Queued, reason);
        }
    }

    // The engine knows the repetitions of the last minutes from the same address; this is for those from another one, and for those after a
    // restart.
    private bool IsRepetition()
    {
        foreach (var command in lane.Sent)
        {
            if (message.Digest is { } digest && command.SentIn?.Digest == digest)
            {
                IsRepeated = true;
                Payload = message.Carries && command.SentIn.Answer is { Length: > 0 } answer ? answer : Payload;
            }
        }

        return IsRepeated;
    }

    private async ValueTask JudgeSentAsync(CancellationToken cancellation)
    {
        if (lane.Sent.Count == 0)
        {
            return;
        }

        var exchangeFailed = message is { Occasion: CommandOccasion.Frame, Registration: { } registration } && scripts.ExchangeFailed(registration, message.Payload, message.Request);
        foreach (var (place, command) in lane.Sent.OrderBy(command => command.Order).Index())
        {
            var saysNothing = place >= MaxSeen || IsFromBefore(command);
            var evidence = saysNothing ? CommandEvidence.Unknown : await EvidenceAsync(command, cancellation);
            if (saysNothing)
            {
                Hold(command);
            }
            else if (evidence.Kind is not CommandEvidenceKind.Unknown)
            {
                Step(command, evidence);
            }
            else if (message.UnderWay?.Carries(command) is true)
            {
                Hold(command);
            }
            else if (command is { IsPushed: true, Confirm: not CommandConfirm.Script })
            {
                Return(command, CommandReasons.NotAcknowledged);
            }
            else if (exchangeFailed && !command.IsPushed)
            {
                Return(command, CommandReasons.ExchangeFailed);
            }
            else if (command.Confirm is not CommandConfirm.Script)
            {
                if (message.Occasion is not CommandOccasion.Push)
                {
                    Step(command, CommandState.Delivered);
                }
            }
            else if (message.MayGiveUp && now - command.SentAt >= timeoutOf(command))
            {
                Return(command, CommandReasons.NoEvidenceYet(timeoutOf(command)));
            }
            else
            {
                Hold(command);
            }
        }
    }

    // A frame that was received before the command went out, and had to wait in the gateway, can tell nothing of it.
    private bool IsFromBefore(QueuedCommand command) => message.Occasion is CommandOccasion.Frame && message.Request.ReceivedAt < command.SentAt;

    // A frame that was received long before a command was queued is one that its device has given up: what would have carried the command, had
    // it been there, was the answer to a later one.
    private bool CameLongBefore(QueuedCommand command) =>
        message.Occasion is not CommandOccasion.Push && command.CreatedAt - message.Request.ReceivedAt > LongestWork;

    private CommandVerdict Judge() => this switch
    {
        { Payload: not null } => CommandVerdict.Carried,
        { WaitsForRoom: not null } => CommandVerdict.AwaitingRoom,
        { _held: not null } => CommandVerdict.AwaitingEvidence,
        _ when message.Registration is null => CommandVerdict.NoScript,
        _ when _steps.Any(step => step.After.State is CommandState.Failed or CommandState.Expired) => CommandVerdict.NoneFit,
        _ when lane.HasHeld => CommandVerdict.RunHeld,
        _ when lane.Waiting is [{ Path: not null }, ..] => CommandVerdict.AwaitingRequest,
        _ when lane is { Waiting.Count: 0, HasLater: true } => CommandVerdict.NotDue,
        _ => CommandVerdict.NoneWaiting,
    };

    private void Hold(QueuedCommand command) => _held = Math.Max(_held ?? command.Priority, command.Priority);

    // A command that was given up waits again; what the device says late still counts, and spares it to be told twice.
    private async ValueTask JudgeGivenUpAsync(CancellationToken cancellation)
    {
        foreach (var command in lane.Waiting.Where(command => command.Attempts > 0))
        {
            var evidence = await EvidenceAsync(command, cancellation);
            if (evidence.Kind is not CommandEvidenceKind.Unknown)
            {
                Step(command, evidence);
            }
        }
    }

    private ValueTask<CommandEvidence> EvidenceAsync(QueuedCommand command, CancellationToken cancellation) =>
        command.Confirm is CommandConfirm.Script && message is { Occasion: CommandOccasion.Frame, Registration: { } registration }
            ? scripts.ConfirmAsync(command.ToCommand(), registration, message.Payload, message.Request, cancellation)
            : ValueTask.FromResult(CommandEvidence.Unknown);

    private void Return(QueuedCommand command, string reason)
    {
        if (command.Attempts >= command.MaxAttempts)
        {
            Step(command, CommandState.Failed, CommandReasons.NoEvidence(command));
        }
        else
        {
            _back.Add((command, reason));
        }
    }

    private async ValueTask ChooseAsync(CancellationToken cancellation)
    {
        if (message.Registration is not { } registration)
        {
            return;
        }

        // The order holds over both ways: what can't be reached now is not passed over.
        for (var next = Candidates(); next.Count > 0 && message.Reaches(next[0]); next.RemoveAt(0))
        {
            if (Merge(next, registration) || await SendAsync(next[0], registration, cancellation))
            {
                return;
            }
        }
    }

    private List<QueuedCommand> Candidates()
    {
        var judged = _steps.Select(step => step.After.RequestId).ToHashSet(StringComparer.Ordinal);
        return [.. lane.Waiting.Concat(_back.Select(back => back.Command))
            .Where(command => command.IsDue(now) && !(command.Priority <= _held) && !CameLongBefore(command) && !lane.IsHeld(command) && !judged.Contains(command.RequestId))
            .Order(NextFirst.Instance)];
    }

    // Several in one answer, where the script can: those that go first, up to the first that it leaves out.
    private bool Merge(List<QueuedCommand> next, Registration registration)
    {
        if (next.Count < 2 || next[0].Path is not null || registration.Script.Current is not { CanFormatCommands: true } script)
        {
            return false;
        }

        var offered = next.Take(MaxMerged).TakeWhile(command => command.Path is null && !command.IsExpired(now))
            .Select(command => (Queued: command, Command: command.ToCommand()))
            .TakeWhile(pair => pair.Command.ParserScriptRef is null && script.Commands.Refusal(pair.Command) is null).ToArray();
        if (offered.Length < 2
            || scripts.Merge([.. offered.Select(pair => pair.Command)], registration, message.Request) is not { } batch
            || batch.Payload.Length > message.Request.AnswerRoom)
        {
            return false;
        }

        // One that is passed over would be overtaken, and its order lost.
        var merged = batch.RequestIds.ToHashSet(StringComparer.Ordinal);
        if (offered.Take(merged.Count).Any(pair => !merged.Contains(pair.Command.RequestId)))
        {
            return false;
        }

        foreach (var (command, _) in offered.Take(merged.Count))
        {
            Send(command, Payload is null ? batch.Payload : default(ReadOnlyMemory<byte>));
            Payload ??= batch.Payload;
        }

        return true;
    }

    // False when the command ends instead.
    private async ValueTask<bool> SendAsync(QueuedCommand command, Registration registration, CancellationToken cancellation)
    {
        if (command.IsExpired(now))
        {
            End(command, CommandState.Expired, CommandReasons.Expired(command));
            return false;
        }

        var described = command.ToCommand();
        CommandProblem? noRequest = null;
        var push = command.Path is null ? null : PushRequest.Read(described.Metadata, out noRequest);
        if (noRequest is not null)
        {
            End(command, CommandState.Failed, noRequest.Message);
            return false;
        }

        var answered = push is null ? message.Request : message.RequestOf(push);
        var formatted = await scripts.FormatAsync(described, registration, answered, cancellation);
        if (formatted.Bytes is { } large && large.Length > answered.AnswerRoom && large.Length <= message.MostRoom)
        {
            // It must not be overtaken by those behind it.
            WaitsForRoom = command;
            return true;
        }

        var problem = formatted.Bytes is not { } bytes ? formatted.Problem
            : bytes.Length > answered.AnswerRoom ? CommandReasons.TooLarge(bytes.Length, answered.AnswerRoom)
            : null;
        if (problem is not null)
        {
            End(command, CommandState.Failed, problem);
            return false;
        }

        Request = push;
        Send(command, formatted.Bytes);
        Payload = formatted.Bytes;
        return true;
    }

    private void Send(QueuedCommand command, ReadOnlyMemory<byte> bytes)
    {
        var isPushed = message.Occasion is CommandOccasion.Push && Request is not { Confirmable: false };
        var again = _back.FindIndex(back => ReferenceEquals(back.Command, command));
        var sent = command.Step(CommandState.Sent, now, again < 0 ? null : _back[again].Reason) with
        {
            SentIn = message.Occasion is CommandOccasion.Push ? null : SentIn(command, bytes),
            IsPushed = isPushed,
        };
        _steps.Add(new CommandStepTaken(command, sent, bytes));
        if (again >= 0)
        {
            _back.RemoveAt(again);
        }

        if (command.Confirm is CommandConfirm.Sent && !isPushed)
        {
            Step(sent, CommandState.Delivered);
        }
    }

    private SentMessage? SentIn(QueuedCommand command, ReadOnlyMemory<byte> bytes)
    {
        var isAsked = command.Confirm is CommandConfirm.Script;
        return message.Digest is null && !isAsked ? null
            : SentMessage.Of(isAsked ? message.Request.Path : "", isAsked ? message.Payload : default).With(message.Digest, bytes);
    }

    private void End(QueuedCommand command, CommandState state, string reason)
    {
        _back.RemoveAll(back => ReferenceEquals(back.Command, command));
        Step(command, state, reason);
    }

    private void Step(QueuedCommand command, CommandEvidence evidence) =>
        Step(command, evidence.Kind is CommandEvidenceKind.Applied ? CommandState.Applied : CommandState.Rejected, evidence.Reason.Length > 0 ? evidence.Reason : null);

    private void Step(QueuedCommand command, CommandState state, string? reason = null) =>
        _steps.Add(new CommandStepTaken(command, command.Step(state, now, reason)));
}
