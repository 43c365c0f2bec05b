using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>A device's life: it sleeps, says what it has to say, hears what it is told, and sleeps again.</summary>
internal sealed class SimulatedDevice(IDeviceModel model, DeviceLedger ledger, DeviceLink link, FleetTally tally, TimeProvider time) : IDisposable
{
    private volatile bool _isKnown;

    public IDeviceModel Model => model;

    public DeviceLedger Ledger => ledger;

    /// <summary>Whether the gateway has taken something from it: only devices that it knows can be sent commands.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>Lives until it may stop.</summary>
    /// <param name="mayStop">Asked between two messages, and when <paramref name="over"/> wakes it.</param>
    /// <param name="over">Wakes it: the time of the fleet is over.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task LiveAsync(Func<SimulatedDevice, bool> mayStop, CancellationToken over, CancellationToken cancellation)
    {
        while (true)
        {
            await SleepAsync(over.IsCancellationRequested ? cancellation : over);
            cancellation.ThrowIfCancellationRequested();
            if (mayStop(this))
            {
                return;
            }

            if (model.SpeaksAt <= time.GetUtcNow())
            {
                await SpeakAsync(cancellation);
            }
        }
    }

    public void Dispose() => link.Dispose();

    private async Task SleepAsync(CancellationToken awake)
    {
        var pause = model.SpeaksAt - time.GetUtcNow();
        if (pause > TimeSpan.Zero)
        {
            // Woken early, it looks why.
            await Task.Delay(pause, time, awake).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SpeakAsync(CancellationToken cancellation)
    {
        var message = model.Speak(time.GetUtcNow());
        ledger.Begin(message);
        DeviceAnswer? answer = null;
        try
        {
            answer = await link.SendAsync(message, cancellation);
        }
        finally
        {
            ledger.End(message, link.Tries, isAcknowledged: answer is { IsSuccess: true });
        }

        _isKnown |= answer is { IsSuccess: true } && message.Method != CoapCode.Get;
        try
        {
            model.Hear(answer, time.GetUtcNow());
        }
        catch (InvalidDataException exception)
        {
            tally.Unreadable($"{model.DeviceId}: {exception.Message}");
        }
    }
}
