using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §2.3, the client's side of Echo: who is challenged shows where it is, once.</summary>
internal sealed class Section2_3_EchoClientTests : ClientTest
{
    private static readonly byte[] Challenge = [0xe0, 1, 2, 3];

    [Test]
    public async Task A_challenge_is_echoed_in_the_same_request_with_another_token()
    {
        var asking = Ask();
        var first = Server.Receive();
        SendChallenge(first);
        var second = Server.Receive();
        Server.Answer(ACK, second.Id, second.Token, "welcome");

        Assert.That((await asking).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(BlockOptions.Find(first.Options, OptionNumber.Echo), Is.Null);
        Assert.That(BlockOptions.Find(second.Options, OptionNumber.Echo)!.Value.ToArray(), Is.EqualTo(Challenge));
        Assert.That((second.Code, second.Payload.ToArray()), Is.EqualTo((first.Code, first.Payload.ToArray())));
        Assert.That(second.Token, Is.Not.EqualTo(first.Token));
    }

    [Test]
    public async Task A_second_challenge_is_the_answer()
    {
        var asking = Ask();
        SendChallenge(Server.Receive());
        SendChallenge(Server.Receive());

        Assert.That((await asking).Code, Is.EqualTo(CoapCode.Unauthorized));
    }

    [Test]
    public async Task A_refusal_without_Echo_is_the_answer()
    {
        var asking = Ask();
        var request = Server.Receive();
        Server.Send(new CoapMessage(ACK, CoapCode.Unauthorized, request.Id) { Token = request.Token });

        Assert.That((await asking).Code, Is.EqualTo(CoapCode.Unauthorized));
    }

    private void SendChallenge(CoapMessage request) => Server.Send(new CoapMessage(ACK, CoapCode.Unauthorized, request.Id)
    {
        Token = request.Token,
        Options = [new CoapOption(OptionNumber.Echo, Challenge)],
    });

    private Task<CoapMessage> Ask()
    {
        Assert.That(CoapUri.TryParse($"coap://127.0.0.1:{Server.Port}/m", out var uri, out var problem), problem);
        return Client.SendAsync(new ClientRequest(POST, uri!) { Payload = "p"u8.ToArray() }, CancellationToken.None);
    }
}
