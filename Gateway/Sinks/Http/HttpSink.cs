using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Sinks;

/// <summary>
/// Posts messages to an address. When a request of several is refused, it is halved until the message that is to blame stands alone, so
/// that nothing else is lost with it; the order stays.
/// </summary>
internal sealed class HttpSink : ISink
{
    private const int MaxReasonBytes = 300;

    // Often enough to follow a change of the name's addresses.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpSinkSettings _settings;
    private readonly Uri _url;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _client;

    // What the receiver has shown that it takes. Of the one loop that calls.
    private long _maxBytes;

    public HttpSink(string name, HttpSinkSettings settings, TimeProvider time)
    {
        (Name, _settings, _time, _url) = (name, settings, time, new Uri(settings.Url));
        _timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds);
        _maxBytes = settings.MaxBodyKilobytes * 1024L;
        _client = new HttpClient(new SocketsHttpHandler
        {
            // A redirect would carry the keys in the headers to somewhere else.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLifetime,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Name { get; }

    public string Type => "http";

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        var refused = new List<Refusal>();
        var parts = new Stack<IReadOnlyList<SinkMessage>>(HttpMessages.Cut(batch, _maxBytes).Reverse());
        while (parts.TryPop(out var part))
        {
            var answer = await PostAsync(part, cancellation);
            switch (answer.Verdict)
            {
                case HttpVerdict.Later:
                    return new Delivery
                    {
                        Refused = refused,
                        Again = [.. part, .. parts.SelectMany(rest => rest)],
                        Problem = answer.Problem,
                        RetryAfter = answer.RetryAfter,
                    };
                case HttpVerdict.Refused or HttpVerdict.TooLarge when part.Count > 1:
                    parts.Push([.. part.Skip(part.Count / 2)]);
                    parts.Push([.. part.Take(part.Count / 2)]);
                    break;
                case HttpVerdict.Refused or HttpVerdict.TooLarge:
                    refused.Add(new Refusal(part[0], answer.Problem));
                    break;
            }
        }

        return new Delivery { Refused = refused };
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<HttpAnswer> PostAsync(IReadOnlyList<SinkMessage> messages, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            var body = HttpMessages.Write(messages, _settings.Body);
            using var request = Request(messages, body);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await AnswerAsync(response, messages.Count > 1 ? body.Length : 0, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new HttpAnswer(HttpVerdict.Later, $"no answer within {_timeout.TotalSeconds} s");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new HttpAnswer(HttpVerdict.Later, failure.InnerException is { } inner ? $"{failure.Message} ({inner.Message})" : failure.Message);
        }
    }

    private HttpRequestMessage Request(IReadOnlyList<SinkMessage> messages, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(HttpMessages.ContentType(messages, _settings.Body));
        request.Headers.TryAddWithoutValidation("User-Agent", "coap-gateway");
        foreach (var (name, value) in _settings.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_settings.SignatureKey is { } key)
        {
            request.Headers.TryAddWithoutValidation(HttpSignature.Header, HttpSignature.Of(key, _time.GetUtcNow(), body));
        }

        return request;
    }

    private async Task<HttpAnswer> AnswerAsync(HttpResponseMessage response, int divisibleBytes, CancellationToken cancellation)
    {
        var verdict = HttpAnswer.VerdictOf(response.StatusCode);
        if (verdict is HttpVerdict.Taken)
        {
            return new HttpAnswer(verdict);
        }

        if (verdict is HttpVerdict.TooLarge && divisibleBytes > 0)
        {
            // The next batches need not find that out again.
            _maxBytes = Math.Min(_maxBytes, Math.Max(divisibleBytes / 2, 1));
        }

        var reason = HttpAnswer.Describe(response, await BeginningAsync(response.Content, cancellation));
        return new HttpAnswer(verdict, reason, HttpAnswer.RetryAfterOf(response, _time.GetUtcNow()));
    }

    // Receivers often say in the body what they do not like; a log and a dead letter have room for its beginning.
    private static async Task<string> BeginningAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MaxReasonBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        var text = Encoding.UTF8.GetString(buffer.AsSpan(0, length));
        return string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
    }
}
