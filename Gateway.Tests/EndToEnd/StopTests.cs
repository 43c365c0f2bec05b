using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;
using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>SIGTERM, as systemd, Docker and Kubernetes send it, while devices send and clients ask.</summary>
[Platform(Exclude = "Win", Reason = "there are no signals")]
internal sealed class StopTests
{
    private const int Devices = 8;
    private const int AnsweredBefore = 200;

    [Test]
    public async Task Every_frame_that_was_answered_is_in_the_journal_and_the_exit_code_is_0()
    {
        using var folder = new TempFolder();
        using var gateway = await GatewayProcess.StartAsync(folder, "sinks.console.enabled=false", "coap.peer_requests_per_second=0");
        using var end = new CancellationTokenSource();
        var answered = new ConcurrentDictionary<string, bool>();
        var sending = Enumerable.Range(0, Devices).Select(device => Task.Run(() => SendAsync(gateway.CoapPort, device, answered, end.Token))).ToArray();
        await Eventually.HoldsAsync(() => answered.Count >= AnsweredBefore, $"{AnsweredBefore} frames are answered");

        // One that asks, and never ends its question, holds up nothing.
        using var client = await BeginRequestAsync(new Uri(gateway.ApiAddress));
        var code = await gateway.StopAsync("TERM");
        var count = answered.Count;
        await end.CancelAsync();
        await Task.WhenAll(sending);

        Assert.That(code, Is.Zero);
        var kept = Kept(folder.PathOf("data/journal.db"));
        Assert.That(answered.Keys.Where(frame => !kept.Contains(frame)), Is.Empty, $"of {count} that were answered");
        Assert.That(File.Exists(folder.PathOf("data/journal.db-wal")), Is.False, "the journal is closed in order");
    }

    // A device sends its next frame when the last one is answered. From the stop on nobody answers.
    private static async Task SendAsync(int port, int device, ConcurrentDictionary<string, bool> answered, CancellationToken end)
    {
        Assert.That(CoapUri.TryParse(string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{port}/devices/d{device}/data"), out var uri, out var problem), problem);
        using var client = new CoapClient(TimeProvider.System, new Random(device));
        for (var n = 0; !end.IsCancellationRequested; n++)
        {
            var frame = string.Create(CultureInfo.InvariantCulture, $$"""{"device": {{device}}, "n": {{n}}}""");
            try
            {
                var answer = await client.SendAsync(new ClientRequest(CoapCode.Post, uri!) { Payload = Encoding.UTF8.GetBytes(frame) }, end);
                if (answer.Code.Class == 2)
                {
                    answered[frame] = true;
                }
            }
            catch (Exception e) when (e is CoapClientException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<TcpClient> BeginRequestAsync(Uri api)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"));
        return client;
    }

    private static HashSet<string> Kept(string journal)
    {
        using var reader = JournalReader.Look(journal, (first, count, problem) => Assert.Fail($"{count} records from {first} on: {problem}"));
        var (kept, after) = (new HashSet<string>(), 0L);
        for (var records = reader.Read(after, 1000); records.Count > 0; records = reader.Read(after, 1000))
        {
            kept.UnionWith(records.Select(record => Encoding.UTF8.GetString(record.Payload.Span)));
            after = records[^1].Sequence;
        }

        return kept;
    }
}
