using System.Globalization;
using System.Net;

namespace Gateway.Sinks;

/// <summary>What an answer means for the messages of the request.</summary>
internal enum HttpVerdict
{
    /// <summary>They are safe at the receiver's.</summary>
    Taken,

    /// <summary>At least one of them will never be taken.</summary>
    Refused,

    /// <summary>They are too many for one request.</summary>
    TooLarge,

    /// <summary>It is not about the messages: the same request may be taken later.</summary>
    Later,
}

/// <summary>The answer to a request, or why there is none.</summary>
internal sealed record HttpAnswer(HttpVerdict Verdict, string Problem = "", TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// The one table. 401 to 405 and their like are of the address and the key: while those are wrong every message would be refused, so the
    /// sink waits for the admin instead, and the journal keeps what comes.
    /// </summary>
    public static HttpVerdict VerdictOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => HttpVerdict.Taken,
        413 => HttpVerdict.TooLarge,
        401 or 402 or 403 or 404 or 405 or 407 or 410 or 421 => HttpVerdict.Later,
        408 or 425 or 429 => HttpVerdict.Later,
        >= 400 and < 500 => HttpVerdict.Refused,
        _ => HttpVerdict.Later,
    };

    /// <summary>What to say of an answer that did not take the messages.</summary>
    public static string Describe(HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        var text = string.Create(CultureInfo.InvariantCulture, $"{status} {response.ReasonPhrase}").TrimEnd();
        return status is >= 300 and < 400 ? $"{text}: redirects are not followed; put the new address into url"
            : body.Length == 0 ? text
            : $"{text}: {body}";
    }

    /// <summary>RFC 9110 §10.2.3: seconds, or a date.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - now) : null;
}
