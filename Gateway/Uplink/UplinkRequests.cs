using System.Collections.Immutable;
using Gateway.Coap;
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
