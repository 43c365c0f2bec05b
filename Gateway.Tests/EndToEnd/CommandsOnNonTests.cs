using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>Dragino's sensors send NON and listen for the answer all the same; whether a command goes out there, their profile says.</summary>
internal sealed class CommandsOnNonTests
{
    private const string Board = "72400000015900780c541901000000004200fc023260da7c4e";

    [TestCase("true", "01000e10", "sent")]
    [TestCase("false", "", "queued")]
    public async Task A_command_goes_out_in_the_answer_to_a_NON_where_the_profile_says_so(string setting, string payload, string state)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: $"profiles.dragino-nb.commands_on_non={setting}");
        using var device = new UdpDevice(gateway.CoapPort);
        await gateway.PostAsync("/dragino", Board);
        var command = await gateway.QueueAsync(new { device_id = "724000000159", command_type = "set_interval", payload = new { seconds = 3600 } });

        var request = new CoapMessage(MessageType.NonConfirmable, CoapCode.Put, new MessageId(1))
        {
            Options = [new CoapOption(OptionNumber.UriPath, "dragino"u8.ToArray())],
            Payload = Convert.FromHexString(Board),
        };
        Assert.That(CoapCodec.TryDecode(await device.AskAsync(CoapCodec.Encode(request)), out var answer, out _));

        Assert.That((answer!.Type, answer.Code, Convert.ToHexStringLower(answer.Payload.Span)), Is.EqualTo((MessageType.NonConfirmable, CoapCode.Changed, payload)));
        Assert.That(await gateway.StateOfAsync(command), Is.EqualTo(state));
    }
}
