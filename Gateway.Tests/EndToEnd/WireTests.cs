using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>Commands and the message layer together: what a retransmission and a NON may not do.</summary>
internal sealed class WireTests
{
    [Test]
    public async Task A_duplicate_gets_the_same_bytes_and_takes_no_second_command()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        var first = await gateway.QueueAsync(new { device_id = Frames.EfentoDevice, command_type = "config_update", payload = new { transmission_interval = 3600 } });
        var second = await gateway.QueueAsync(new { device_id = Frames.EfentoDevice, command_type = "config_update", payload = new { transmission_interval = 7200 } });
        using var device = new UdpDevice(gateway.CoapPort);
        var datagram = Datagram(MessageType.Confirmable, 0x1234);

        var answer = await device.AskAsync(datagram);
        var again = await device.AskAsync(datagram);

        Assert.That(again, Is.EqualTo(answer));
        Assert.That(await gateway.StateOfAsync(first), Is.EqualTo("sent"));
        Assert.That(await gateway.StateOfAsync(second), Is.EqualTo("queued"));
        Assert.That(await gateway.ReadingsAsync(8), Has.Count.EqualTo(8), "the frame before, and this one once");
    }

    [Test]
    public async Task A_NON_gets_no_command()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        var command = await gateway.QueueAsync(new { device_id = Frames.EfentoDevice, command_type = "config_update", payload = new { transmission_interval = 3600 } });
        using var device = new UdpDevice(gateway.CoapPort);

        var answer = await device.AskAsync(Datagram(MessageType.NonConfirmable, 0x1234));

        Assert.That(CoapCodec.TryDecode(answer, out var message, out _));
        Assert.That(message!.Type, Is.EqualTo(MessageType.NonConfirmable));
        Assert.That(message.Payload.IsEmpty);
        Assert.That(await gateway.StateOfAsync(command), Is.EqualTo("queued"));
    }

    private static byte[] Datagram(MessageType type, ushort id) =>
        CoapCodec.Encode(new CoapMessage(type, CoapCode.Post, new MessageId(id))
        {
            Token = Token.From([1, 2, 3, 4]),
            Options = [new CoapOption(OptionNumber.UriPath, "m"u8.ToArray())],
            Payload = Convert.FromHexString(Frames.Efento),
        });
}
