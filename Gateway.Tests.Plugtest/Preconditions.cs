using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary>If-Match and If-None-Match (RFC 7252 §5.10.8), and the ETags that a client already has (§5.10.6.2).</summary>
internal static class Preconditions
{
    public static readonly IReadOnlySet<int> Options = new HashSet<int> { OptionNumber.IfMatch, OptionNumber.IfNoneMatch };

    /// <summary>Whether the request may go on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="etag">Of the representation that there is; null when there is none.</param>
    public static bool AreMet(CoapRequest request, byte[]? etag) =>
        !(etag is not null && Of(request, OptionNumber.IfNoneMatch).Any())
        && Of(request, OptionNumber.IfMatch).ToArray() is var wanted
        && (wanted.Length == 0 || (etag is not null && wanted.Any(option => option.Value.IsEmpty || IsSame(option, etag))));

    /// <summary>Whether the client has this representation already.</summary>
    public static bool IsKnown(CoapRequest request, byte[] etag) => Of(request, OptionNumber.ETag).Any(option => IsSame(option, etag));

    private static bool IsSame(CoapOption option, byte[] etag) => option.Value.Span.SequenceEqual(etag);

    private static IEnumerable<CoapOption> Of(CoapRequest request, int number) => request.Options.Where(option => option.Number == number);
}
