using Gateway.Protos.Efento;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>The whole way with a client that is not ours.</summary>
internal sealed class LibcoapTests
{
    [Test]
    public async Task Libcoap_sends_a_frame_and_takes_a_command()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var uri = $"coap://127.0.0.1:{gateway.CoapPort}/m";
        var frame = Repository.PathOf("samples", "efento", "temperature-humidity.bin");
        await LibcoapClient.RunAsync(uri, "-m", "post", "-f", frame);
        var readings = await gateway.ReadingsAsync(4);
        await gateway.QueueAsync(new { device_id = readings[0]["device_id"]!.GetValue<string>(), command_type = "config_update", payload = new { transmission_interval = 3600 } });
        var answer = gateway.Folder.PathOf("answer.bin");

        await LibcoapClient.RunAsync(uri, "-m", "post", "-f", frame, "-o", answer);

        Assert.That(readings.Select(reading => reading["index"]!.GetValue<string>()), Is.EqualTo(new[] { "TEMPERATURE", "TEMPERATURE", "HUMIDITY", "HUMIDITY" }));
        Assert.That(ProtoConfig.Parser.ParseFrom(await File.ReadAllBytesAsync(answer)).TransmissionInterval, Is.EqualTo(3600));
    }
}
