using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// Reads one frame of the journal again, by the script that its device has now. It lets nobody in, sends nothing, and has no consequences for
/// live frames: neither breakers nor rollbacks nor candidates hear of it.
/// </summary>
internal sealed class FrameReplay(
    LiveRoutes routes, Identification identification, FrameProof proof, DeviceDirectory directory, CommandRegistry registry, FrameReader reader)
{
    public async ValueTask<ReplayedFrame> ReadAsync(JournalRecord record, StoppedScripts stopped, CancellationToken cancellation)
    {
        var (request, route) = UplinkRequests.Of(record, routes.Table);
        if (!DeviceId.TryParse(record.DeviceId, out var id))
        {
            var (found, problem) = await IdentifyAsync(record, route, request, cancellation);
            if (problem is not null)
            {
                return new ReplayedFrame("", problem);
            }

            id = found;
        }

        var device = await directory.FindAsync(id, cancellation);
        if (device is not { State: DeviceState.Active })
        {
            return NotTried(id, FrameOutcome.Held, device switch
            {
                null => "the device is not registered",
                { State: DeviceState.Rejected } => "the device was rejected",
                _ => "the device waits for approval",
            });
        }

        var lookup = await registry.FindAsync(device, cancellation);
        var script = lookup.Registration?.Script.Current?.Name ?? "";
        if (!stopped.MayCall(script))
        {
            return NotTried(id, FrameOutcome.ScriptFailed, $"{script} was stopped on each of {StoppedScripts.MostStops} frames in a row, and is not called again in this replay");
        }

        var frame = reader.ReadAgain(lookup, record.Payload, request);
        stopped.Note(script, frame.WasStopped);
        return new ReplayedFrame(id.ToString(), frame);
    }

    private static ReplayedFrame NotTried(DeviceId id, FrameOutcome outcome, string why) => new(id.ToString(), Frame.NotParsed(outcome, why), WasTried: false);

    private async ValueTask<(DeviceId Device, Frame? Problem)> IdentifyAsync(
        JournalRecord record, DeviceRoute? route, UplinkRequest request, CancellationToken cancellation)
    {
        if (route is null)
        {
            return (DeviceId.None, Frame.NotParsed(FrameOutcome.ScriptUnavailable, $"gateway.json has no route for {record.Method} {record.Path} any more"));
        }

        try
        {
            var sender = await identification.IdentifyAsync(route, request, record.Payload, record.DtlsDevice, cancellation);
            return sender switch
            {
                { FaultyScript: { } faulty } => (DeviceId.None, Frame.Unidentified(faulty, sender.Problem!)),
                { Device.IsNone: true } => (DeviceId.None, Frame.NotParsed(FrameOutcome.InvalidPayload, sender.Problem!)),
                _ when !proof.MaySpeakFor(route.Profile, record.DtlsDevice, sender.Device) =>
                    (DeviceId.None, Frame.NotParsed(FrameOutcome.InvalidPayload, $"the message names {sender.Device}, and came under the key of {record.DtlsDevice}")),
                _ => (sender.Device, null),
            };
        }
        catch (Exception e) when (e is ScriptNotReadyException or ProfileGoneException)
        {
            return (DeviceId.None, Frame.NotParsed(FrameOutcome.ScriptUnavailable, e.Message));
        }
    }
}
