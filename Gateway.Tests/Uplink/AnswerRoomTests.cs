using System.Net;
using Gateway.Coap;
using Gateway.Uplink;

namespace Gateway.Tests.Uplink;

/// <summary>When an answer is a place for a command.</summary>
internal sealed class AnswerRoomTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [TestCase(0, true)]
    [TestCase(92, true)]
    [TestCase(94, false)]
    public void Nobody_waits_longer_for_an_answer_than_MAX_TRANSMIT_WAIT(int seconds, bool isWanted)
    {
        var request = new CoapRequest
        {
            Peer = new IPEndPoint(IPAddress.Loopback, 1),
            Method = CoapCode.Post,
            Confirmable = true,
            Path = ["m"],
            Query = [],
            Options = [],
            Payload = default,
            ReceivedAt = Noon,
        };

        Assert.That(AnswerRoom.IsWanted(request, Noon.AddSeconds(seconds)), Is.EqualTo(isWanted));
    }
}
