using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>What a device is answered when no command is waiting: what its script's <c>respond</c> says, or plain success.</summary>
internal sealed class Responder(ScriptMetrics metrics, TimeProvider time, FailureLog failures)
{
    private static readonly CoapResponse Created = new(CoapCode.Created);
    private static readonly CoapResponse Changed = new(CoapCode.Changed);

    // RFC 7252 5.8: what a success is called depends on the method.
    public static CoapCode SuccessOf(CoapCode method) =>
        method == CoapCode.Post ? CoapCode.Created
        : method == CoapCode.Put ? CoapCode.Changed
        : method == CoapCode.Delete ? CoapCode.Deleted
        : CoapCode.Content;

    /// <summary>The success that says nothing more; the same object each time.</summary>
    public static CoapResponse PlainSuccess(CoapCode method) => method == CoapCode.Post ? Created
        : method == CoapCode.Put ? Changed
        : new CoapResponse(SuccessOf(method));

    /// <summary>The script's own answer; null when it has none, or failed to give one, which is logged.</summary>
    public CoapResponse? Respond(Registration? registration, DeviceId device, CoapRequest coap, UplinkRequest request)
    {
        if (registration?.Script.Current is not { CanRespond: true } script)
        {
            return null;
        }

        var call = metrics.Begin(registration.Script.Ref, ScriptFunction.Respond, time);
        var outcome = script.Respond(coap.Payload, registration.Config, request);
        metrics.End(call, outcome.Failure?.Kind, time);
        if (outcome.Failure is { } failure)
        {
            return Failed(failure.Message);
        }

        if (outcome.Value is not { } response)
        {
            return null;
        }

        var code = SuccessOf(coap.Method);
        if (response.Code is { } named && (!CoapCode.TryParse(named, out code) || !code.IsResponse))
        {
            return Failed($"respond gave the code \"{named}\"; a response code such as 2.05 is expected");
        }

        return response.ContentFormat is < 0 or > ushort.MaxValue
            ? Failed($"respond gave the Content-Format {response.ContentFormat}; 0 to 65535 are possible")
            : new CoapResponse(code) { Payload = response.Payload, ContentFormat = response.ContentFormat };

        CoapResponse? Failed(string problem)
        {
            failures.Report(request.RequestId, registration.Script.Ref, device, problem);
            return null;
        }
    }
}
