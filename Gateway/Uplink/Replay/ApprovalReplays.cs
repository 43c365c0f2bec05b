using System.Threading.Channels;
using Gateway.Devices;

namespace Gateway.Uplink;

/// <summary>
/// Has the frames of devices that were held read once they are let in. What is still to be read is in the store, with the approval itself, so
/// that neither a crash nor another replay that is under way loses any.
/// </summary>
internal sealed class ApprovalReplays(IDeviceStore store, DeviceDirectory directory, Replays replays, TimeProvider time, ILogger<ApprovalReplays> log) : BackgroundService
{
    // One replay reads the frames of so many devices: each walks through a part of the journal.
    private const int DevicesAtOnce = 1000;

    // Who lets in one device often lets in more right behind it.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    // A device is known some moments after its first frame was received: its script may have had to be built.
    private static readonly TimeSpan LongestAdmission = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        directory.Approved += Wake;
        try
        {
            // What a start before this one has left.
            Wake();
            await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
            {
                await ReadAllAsync(stoppingToken);
            }
        }
        finally
        {
            directory.Approved -= Wake;
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task ReadAllAsync(CancellationToken stopping)
    {
        try
        {
            while (await store.ApprovalsAsync(1, stopping) is { Count: > 0 })
            {
                await Task.Delay(Gathering, time, stopping);
                await ReadAsync(await store.ApprovalsAsync(DevicesAtOnce, stopping), stopping);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.ApprovalsUnsettled(PauseAfterFailure, e.Message);
            await Task.Delay(PauseAfterFailure, time, stopping);
            Wake();
        }
    }

    private async Task ReadAsync(IReadOnlyList<Approval> approvals, CancellationToken stopping)
    {
        var request = new ReplayRequest
        {
            Since = approvals.Min(approval => approval.HeldSince) - LongestAdmission,
            Approved = new ApprovedDevices(approvals.Select(approval => approval.Device.ToString())),
        };
        var (run, isOurs) = replays.Start(request);
        await run.Ended.WaitAsync(stopping);
        if (!isOurs)
        {
            return;
        }

        if (run.Progress is { State: ReplayState.Failed } failed)
        {
            throw new InvalidOperationException(failed.Problem);
        }

        // One that an admin has ended is not begun again; one that the stop has ended is, at the next start.
        stopping.ThrowIfCancellationRequested();
        await store.SettleAsync(approvals, stopping);
    }
}
