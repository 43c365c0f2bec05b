using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Intake;

/// <summary>Brings a broker's message to the one place where commands are taken in, and keeps as a dead letter what will never be one.</summary>
internal sealed class CommandIntake(CommandConsumer consumer, IJournal journal, TimeProvider time)
{
    private const int MaxReason = 2000;

    /// <summary>Takes a message. When this completes, its command or its dead letter is on disk; or it is to be tried again.</summary>
    /// <param name="intake">The intake's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="waitsForScript">Whether it may still wait for a script that has no working version.</param>
    /// <param name="cancellation">Ends it; the message is to be tried again then.</param>
    public async Task<IntakeAnswer> TakeAsync(string intake, IntakeMessage message, bool waitsForScript, CancellationToken cancellation)
    {
        if (message.IsRetained)
        {
            return IntakeAnswer.Ignored;
        }

        var (request, refusal) = Read(message);
        try
        {
            var result = refusal ?? await SubmitAsync(request!, cancellation);
            return result switch
            {
                { Outcome: SubmitOutcome.Queued } => Answer(IntakeOutcome.Stored),
                { Outcome: SubmitOutcome.Repeated } => Answer(IntakeOutcome.Repeated),
                { Outcome: SubmitOutcome.QueueFull or SubmitOutcome.Unavailable } => Later(SubmitProblem.DetailOf(result)),
                _ when waitsForScript && result.Problems.Any(problem => problem.IsOfScript) => Later(SubmitProblem.DetailOf(result)),
                _ => await RefuseAsync(),
            };

            IntakeAnswer Answer(IntakeOutcome outcome, string? problem = null) => new(outcome, problem, request?.DeviceId, IntakeReply.Of(request, result));

            async Task<IntakeAnswer> RefuseAsync()
            {
                var reason = SubmitProblem.DetailOf(result);
                await journal.AppendAsync(DeadLetter(intake, message, request?.DeviceId, reason), cancellation);
                return Answer(IntakeOutcome.DeadLetter, reason);
            }
        }
        catch (Exception exception) when (exception is JournalUnavailableException or StoreUnavailableException)
        {
            return Later(exception.Message);
        }
    }

    private static IntakeAnswer Later(string problem) => new(IntakeOutcome.Later, problem, null, null);

    // Who was told nothing hands the command in again, and maybe after its time has run out. It is the same one, and no mistake.
    private async Task<SubmitResult> SubmitAsync(CommandRequest request, CancellationToken cancellation)
    {
        var result = await consumer.SubmitAsync(request, cancellation);
        return result.Outcome is SubmitOutcome.Invalid && request.RequestId is { } id && await consumer.FindAsync(id, cancellation) is { } before && request.IsSameAs(before.Request.Span)
            ? new SubmitResult(SubmitOutcome.Repeated, before, [])
            : result;
    }

    // The device and the id of what can't be read further are still of use to whoever waits for a reply.
    private static (CommandRequest? Request, SubmitResult? Refusal) Read(IntakeMessage message)
    {
        var nothing = new CommandRequest { DeviceId = message.DeviceId, RequestId = message.StableId };
        if (message.Body.Length > CommandRequest.MaxBytes)
        {
            return (nothing, SubmitResult.Refused(SubmitOutcome.TooLarge, "", $"a command has at most {CommandRequest.MaxBytes} bytes"));
        }

        if (CommandRequest.Read(message.Body.Span, out var problem) is not { } request)
        {
            return (nothing, new SubmitResult(SubmitOutcome.Malformed, null, [problem!]));
        }

        var whole = request with { DeviceId = request.DeviceId ?? message.DeviceId, RequestId = request.RequestId ?? message.StableId };
        return message.DeviceId is { } device && whole.DeviceId != device
            ? (whole, SubmitResult.Refused(SubmitOutcome.Invalid, "device_id", $"the message came by {message.Place}, which is of device {device}"))
            : (whole, null);
    }

    private JournalRecord DeadLetter(string intake, IntakeMessage message, string? device, string reason)
    {
        var error = $"{message.Place}: {reason}";
        return new JournalRecord
        {
            Kind = JournalRecordKind.Failure,
            ReceivedAt = time.GetUtcNow(),
            RequestId = "",
            DeviceId = DeviceId.TryParse(device, out var id) ? id.ToString() : "",
            Source = $"intake/{intake}",
            Error = error.Length > MaxReason ? error[..MaxReason] : error,
            Payload = message.Body,
        };
    }
}
