using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Messages posted to an address (a webhook).</summary>
internal sealed record HttpSinkSettings : SinkSettings
{
    private static readonly ReadOnlyDictionary<string, string> NoHeaders = new(new Dictionary<string, string>());

    // What says how the body is to be read is the gateway's to say.
    private static readonly string[] OwnHeaders = ["Content-Type", "Content-Length", "Transfer-Encoding", "Host", "Connection", HttpSignature.Header];

    [Description("The address that takes messages by POST: https://example.com/readings. Redirects are not followed.")]
    [Required]
    public string Url { get; init; } = "";

    [Description("How the messages of a request stand in its body: array is one JSON array, ndjson is a line for each.")]
    public HttpBody Body { get; init; } = HttpBody.Array;

    [Description("Headers of each request, by name. A text may say ${NAME} for a variable of the environment: {\"Authorization\": \"Bearer ${TOKEN}\"}.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    [Description("The key of the signature in the header Gateway-Signature, such as ${WEBHOOK_KEY}; null signs nothing.")]
    [PasswordPropertyText(true)]
    public string? SignatureKey { get; init; }

    [Description("How long to wait for an answer, in seconds.")]
    [Range(0.1, 600)]
    public double TimeoutSeconds { get; init; } = 30;

    [Description("How long a body may be, in KiB. A message that is longer goes alone.")]
    [Range(1, 65_536)]
    public int MaxBodyKilobytes { get; init; } = 1024;

    internal override bool IdsInBody => true;

    internal override IEnumerable<(string Setting, string Problem)> Problems() => [.. base.Problems(), .. OfUrl(), .. OfHeaders(), .. OfKey()];

    private IEnumerable<(string Setting, string Problem)> OfUrl()
    {
        // What could not be read is empty, and known already.
        if (Url.Length == 0)
        {
            yield break;
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            yield return ("url", "is no address such as https://example.com/readings");
        }
        else if (address.UserInfo.Length > 0)
        {
            yield return ("url", "must have no name and password in it: write {\"Authorization\": \"Basic ${CREDENTIALS}\"} in headers");
        }
    }

    private IEnumerable<(string Setting, string Problem)> OfHeaders()
    {
        using var request = new HttpRequestMessage();
        foreach (var (name, value) in Headers)
        {
            if (OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                yield return ($"headers[\"{name}\"]", "is a header that the gateway writes itself");
            }
            else if (value.AsSpan().ContainsAny('\r', '\n', '\0') || !request.Headers.TryAddWithoutValidation(name, value))
            {
                yield return ($"headers[\"{name}\"]", "is no header of a request, or its value has a line end in it");
            }
        }
    }

    private IEnumerable<(string Setting, string Problem)> OfKey() =>
        SignatureKey is { Length: < HttpSignature.MinKeyLength }
            ? [("signature_key", $"must have {HttpSignature.MinKeyLength} characters at least: whoever guesses it can write readings")]
            : [];
}

/// <summary>How messages stand in the body of a request.</summary>
internal enum HttpBody
{
    /// <summary>One JSON array.</summary>
    Array,

    /// <summary>A line for each message.</summary>
    Ndjson,
}
