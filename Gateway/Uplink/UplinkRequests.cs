using System.Collections.Immutable;
using Gateway.Coap;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>A CoAP request in the words of the script contract.</summary>
internal static class UplinkRequests
{
    public static UplinkRequest Of(DeviceRoute route, CoapRequest request) => new()
    {
        RequestId = RequestIds.New(request.ReceivedAt),
        Method = request.Method.ToString(),
        Path = route.FixedPath ?? "/" + string.Join('/', request.Path),
        Variables = route.Template.TryMatch(request.Path, out var variables) ? variables : ImmutableDictionary<string, string>.Empty,
        Query = ReadQuery(request.Query),
        Options = OptionsOf(request.Options),
        ContentFormat = request.ContentFormat,
        Confirmable = request.Confirmable,
        ReceivedAt = request.ReceivedAt,
        Peer = request.PeerName,
    };

    /// <summary>
    /// The request that a frame of the journal came with, and the route that would take it now, if there is one. Of its options only those are
    /// kept that are told here by name.
    /// </summary>
    public static (UplinkRequest Request, DeviceRoute? Route) Of(JournalRecord frame, RouteTable routes)
    {
        string[] path = frame.Path.Length > 1 ? frame.Path[1..].Split('/') : [];
        var route = routes.Find(path)?.Routes.FirstOrDefault(route => route.Methods.Any(method => method.ToString() == frame.Method));
        var request = new UplinkRequest
        {
            RequestId = frame.RequestId,
            Method = frame.Method,
            Path = frame.Path,
            Variables = route is not null && route.Template.TryMatch(path, out var variables) ? variables : ImmutableDictionary<string, string>.Empty,
            Query = ReadQuery(frame.Query?.Split('&') ?? []),
            ContentFormat = frame.ContentFormat,
            Confirmable = frame.Confirmable,
            ReceivedAt = frame.ReceivedAt,
            Peer = frame.Peer,
        };
        return (request, route);
    }

    private static UplinkOption[] OptionsOf(IReadOnlyList<CoapOption> options)
    {
        if (options.Count == 0)
        {
            return [];
        }

        var told = new UplinkOption[options.Count];
        for (var i = 0; i < told.Length; i++)
        {
            told[i] = new UplinkOption(options[i].Number, options[i].Value);
        }

        return told;
    }

    private static IReadOnlyDictionary<string, string> ReadQuery(IReadOnlyList<string> parameters)
    {
        if (parameters.Count == 0)
        {
            return ImmutableDictionary<string, string>.Empty;
        }

        var query = new Dictionary<string, string>(parameters.Count, StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            query[equals < 0 ? parameter : parameter[..equals]] = equals < 0 ? "" : parameter[(equals + 1)..];
        }

        return query;
    }
}
