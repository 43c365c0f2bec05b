using System.Text;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>Finds out who sent a request, by the rules of its route.</summary>
internal sealed class Identification(ReadyScripts scripts, AddressBook addresses, ScriptMetrics metrics, TimeProvider time)
{
    /// <param name="route">The route.</param>
    /// <param name="request">What was sent.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="proven">The device that its sender has shown itself to be, over DTLS; null for one that speaks in the clear.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<Identified> IdentifyAsync(DeviceRoute route, UplinkRequest request, ReadOnlyMemory<byte> payload, string? proven, CancellationToken cancellation)
    {
        var tried = "";
        for (var i = 0; i < route.Identity.Count; i++)
        {
            var rule = route.Identity[i];
            var text = rule.Kind switch
            {
                IdentityKind.Path => request.Variables.GetValueOrDefault(IdentityRule.DeviceVariable),
                IdentityKind.Query => request.Query.GetValueOrDefault(rule.Name),
                IdentityKind.Address => addresses.TryFind(request.Variables.GetValueOrDefault(DeviceRoute.RegistrationVariable), request.Peer, out var entry) ? entry.Device.ToString() : null,
                IdentityKind.Dtls => proven,
                IdentityKind.Option => request.Option(rule.Option) is { } value ? Encoding.UTF8.GetString(value.Span) : null,
                _ => null,
            };
            if (rule.Kind is IdentityKind.Script)
            {
                var script = await scripts.OfProfileAsync(route.Profile, cancellation);
                if (script.Current is not { } current)
                {
                    return Identified.ByNobody(script, $"{script.Ref} has no working version: {string.Join("; ", script.Problems)}");
                }

                var call = metrics.Begin(script.Ref, ScriptFunction.Identify, time);
                var outcome = current.Identify(payload, request);
                metrics.End(call, outcome.Failure?.Kind, time);
                if (outcome.Failure is { Kind: not ScriptFailureKind.InvalidPayload } fault)
                {
                    return Identified.ByNobody(script, fault.Message);
                }

                text = outcome.Failure is null ? outcome.Value : null;
                tried += outcome.Failure is { } invalid ? $"{invalid.Message}; " : "";
            }

            if (DeviceId.TryParse(text, out var id))
            {
                return new Identified(id, null, null);
            }

            tried += text is null ? "" : $"{DeviceId.Problem(text)}; ";
        }

        return new Identified(DeviceId.None, tried.Length > 0 ? tried[..^2] : "the message names no device", null);
    }
}

/// <summary>Who sent a request.</summary>
/// <param name="Device">The device, or none.</param>
/// <param name="Problem">Why it is none.</param>
/// <param name="FaultyScript">The script whose fault it is that nobody was found; null when it is the message's.</param>
internal readonly record struct Identified(DeviceId Device, string? Problem, CatalogScript? FaultyScript)
{
    public static Identified ByNobody(CatalogScript faulty, string problem) => new(DeviceId.None, problem, faulty);
}
