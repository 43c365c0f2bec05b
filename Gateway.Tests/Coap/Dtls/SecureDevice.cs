using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A device with our own client: sensor-1, as <see cref="TestKeys"/> knows it, unless the test says otherwise.</summary>
internal sealed class SecureDevice(IPEndPoint server, DtlsClientSettings? security = null, TransmissionParameters? patience = null) : IDisposable
{
    /// <summary>The identity and the key of sensor-1.</summary>
    public static readonly DtlsClientSettings Sensor1 = new("sensor-1", "correct horse"u8.ToArray());

    /// <summary>Asks again after 50 ms, and for 19 s.</summary>
    public static readonly TransmissionParameters Eager = new() { AckTimeout = TimeSpan.FromMilliseconds(50), MaxRetransmit = 8 };

    /// <summary>Gives up after a second or less.</summary>
    public static readonly TransmissionParameters Impatient = new() { AckTimeout = TimeSpan.FromMilliseconds(100), MaxRetransmit = 2 };

    private readonly CoapClient _client = new(TimeProvider.System, new Random(7)) { Security = security ?? Sensor1, Parameters = patience ?? Eager };

    /// <summary>Asks, and gives the text that is answered.</summary>
    public async Task<string> AskAsync(string path = "/who", string payload = "")
    {
        var answer = await SendAsync(path, Encoding.UTF8.GetBytes(payload));
        return Encoding.UTF8.GetString(answer.Payload.Span);
    }

    /// <summary>Asks until there is an answer, with a new session if that is what it takes.</summary>
    public async Task<string> AskAtLastAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AskAsync();
            }
            catch (CoapClientException exception) when (attempt < 20 && exception.Error is CoapClientError.TimedOut or CoapClientError.SessionEnded)
            {
                TestContext.Out.WriteLine($"attempt {attempt}: {exception.Message}");
            }
        }
    }

    public Task<CoapMessage> SendAsync(string path, byte[] payload)
    {
        Assert.That(CoapUri.TryParse(string.Create(CultureInfo.InvariantCulture, $"coaps://{server}{path}"), out var uri, out var problem), problem);
        return _client.SendAsync(new ClientRequest(CoapCode.Post, uri!) { Payload = payload }, CancellationToken.None);
    }

    public void Dispose() => _client.Dispose();
}
