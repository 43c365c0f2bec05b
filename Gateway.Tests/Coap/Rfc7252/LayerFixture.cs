using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>For sections about messages: a device in front of a message layer, without a socket and without waiting.</summary>
internal abstract class LayerFixture
{
    protected LayerBench Bench { get; private set; } = null!;

    protected LayerPeer Device => Bench.Device;

    protected virtual CoapSettings Settings => new();

    [SetUp]
    public void SetUpBench() => Bench = new LayerBench(Settings);

    [TearDown]
    public void TearDownBench() => Bench.Dispose();

    /// <summary>Makes the handler answer at once.</summary>
    protected void AnswerWith(Func<CoapResponse?> answer) => Bench.Handler = _ => ValueTask.FromResult(answer());
}
