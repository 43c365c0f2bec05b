using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>The message layer's own promises, beyond those of the RFC.</summary>
internal sealed class MessageLayerTests
{
    [Test]
    public void Draining_ends_with_the_last_answer_and_takes_nothing_new()
    {
        using var bench = new LayerBench();
        var answer = bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET);

        var drained = bench.Layer.DrainAsync();
        bench.Device.Send(CON, 2, GET).ExpectSilence();
        Assert.That(drained.IsCompleted, Is.False);

        answer.Give(new CoapResponse(CoapCode.Changed));
        bench.Device.Expect(ACK, 1, "2.04").Send(CON, 1, GET).Expect(ACK, 1, "2.04").ExpectSilence();
        Assert.That(drained.IsCompleted, Is.True);
        Assert.That(bench.Layer.InWork, Is.Zero);
    }
}
