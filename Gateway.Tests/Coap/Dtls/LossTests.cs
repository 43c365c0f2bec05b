using System.Globalization;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Handshakes and records over a network that loses a fifth of all datagrams, doubles some, and lets some overtake others.</summary>
internal sealed class LossTests
{
    private const int UsualDevices = 24;
    private const int Requests = 5;
    private const double Loss = 0.2;
    private const double Overtaken = 0.2;
    private const double Doubled = 0.1;

    private static int Devices => int.TryParse(Environment.GetEnvironmentVariable("DTLS_LOSSY_DEVICES"), CultureInfo.InvariantCulture, out var devices) ? devices : UsualDevices;

    [TestCase("PSK_WITH_AES_128_CCM_8", 1, true)]
    [TestCase("PSK_WITH_AES_128_CCM_8", 2, false)]
    [TestCase("ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", 3, true)]
    public async Task All_devices_get_sessions_and_all_requests_are_answered_once(string suite, int seed, bool connectionId)
    {
        await using var server = await SecureServer.StartAsync(new DtlsSettings { HandshakesPerSecond = 0, PrefixHandshakesPerSecond = 0, HandshakeDatagramSize = 256 });
        var settings = SecureDevice.Sensor1 with { Suites = [RecordSuite.All.Single(known => known.Name == suite)], ConnectionId = connectionId ? [] : null };

        var answers = await Task.WhenAll(Enumerable.Range(0, Devices).Select(device => RunAsync(server, settings, (seed * 10_000) + device)));

        Assert.That(answers.SelectMany(answer => answer), Is.EqualTo(answers.SelectMany(_ => Enumerable.Range(0, Requests).Select(number => $"device-1|{number}"))));
        Assert.That(server.Asked, Is.EqualTo(Devices * Requests));
        Assert.That(server.Layer.Metrics.CountOf(DtlsDrop.Forged), Is.Zero);
        await Eventually.HoldsAsync(() => server.Layer.Handshakes.Count == 0, "no handshake was left over");
    }

    private static async Task<List<string>> RunAsync(SecureServer server, DtlsClientSettings settings, int seed)
    {
        using var link = new UdpLink(server.EndPoint, new LinkFaults(seed, Loss, Overtaken, Doubled));
        using var device = new SecureDevice(link.EndPoint, settings);
        var answers = new List<string>();
        for (var number = 0; number < Requests; number++)
        {
            answers.Add(await device.AskAsync(payload: new string('x', number)));
        }

        return answers;
    }
}
