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
        // Version 7 sorts by time, so ids stand in the order of arrival.
        RequestId = Guid.CreateVersion7(request.ReceivedAt).ToString("N"),
        Method = request.Method.ToString(),
        Path = "/" + string.Join('/', request.Path),
        Variables = route.Template.TryMatch(request.Path, out var variables) ? variables : ImmutableDictionary<string, string>.Empty,
        Query = ReadQuery(request.Query),
        Options = request.Options.Count == 0 ? [] : Array.ConvertAll([.. request.Options], option => new UplinkOption(option.Number, option.Value)),
        ContentFormat = request.ContentFormat,
        Confirmable = request.Confirmable,
        ReceivedAt = request.ReceivedAt,
        Peer = request.Peer.ToString(),
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
