using Gateway.Coap;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>Tells devices that they are not served, and the log and the metrics with them.</summary>
internal sealed class Refusals(UplinkMetrics metrics, ILogger<Refusals> log)
{
    // A diagnostic payload is paid for by the device's battery.
    private const int MaxDiagnosticLength = 160;

    public CoapResponse Refuse(DeviceRoute route, UplinkRequest request, UplinkNote note, UplinkFailure failure, string problem)
    {
        note.Problem = problem;
        log.Refused(request.RequestId, request.Method, request.Path, request.Peer, failure, problem);
        metrics.Refused(route.Profile, failure);
        return failure.ToResponse(problem.Length > MaxDiagnosticLength ? problem[..MaxDiagnosticLength] : problem);
    }

    /// <summary>The log tells why; the sender is told no more than everybody else. What somebody else sends says nothing of the device that it names.</summary>
    public CoapResponse RefuseUnproven(DeviceRoute route, UplinkRequest request, UplinkNote note, ProofFailure unproven)
    {
        log.Unproven(request.RequestId, request.Peer, unproven.Reason);
        var answer = Refuse(route, request, note, unproven.Failure, unproven.Told);
        (note.Problem, note.Device) = (unproven.Reason, DeviceId.None);
        return answer;
    }
}
