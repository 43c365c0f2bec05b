using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>What the guard costs where there is nothing to guard against, which is nearly always.</summary>
internal sealed class SmallAnswerTests
{
    private const int Rounds = 1000;

    [Test]
    public void A_small_answer_given_at_once_costs_no_allocation()
    {
        var (settings, log, metrics) = (new CoapSettings(), new RecordedLog<CoapServer>(), Metrics.Unobserved());
        using var observers = new Observers(settings, TimeProvider.System, metrics, log);
        var requests = new RequestLayer(
            new PromptSite(),
            settings,
            new BlockwiseServer(settings, TransmissionParameters.Default, TimeProvider.System, metrics),
            new AmplificationGuard(settings, TransmissionParameters.Default, TimeProvider.System, metrics, log),
            observers,
            TimeProvider.System,
            log,
            CancellationToken.None);
        var datagram = CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(1))
        {
            Options = [new CoapOption(OptionNumber.UriPath, "m"u8.ToArray())],
            Payload = new byte[68],
        });
        Ask(requests, datagram, 10);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask(requests, datagram, Rounds);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Ask(RequestLayer requests, byte[] datagram, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            _ = CoapCodec.TryRead(datagram, out var message, out _);
            var answer = requests.AnswerAsync(EchoBench.Device, message, null!);
            if (!answer.IsCompletedSuccessfully || answer.Result?.Code != CoapCode.Changed)
            {
                throw new AssertionException("it was to be answered at once");
            }
        }
    }

    private sealed class PromptSite : ICoapSite
    {
        private readonly PromptResource _resource = new();

        public IEnumerable<ResourceLink> Links => [];

        public CoapResource Find(IReadOnlyList<string> path) => _resource;
    }

    private sealed class PromptResource : CoapResource
    {
        private static readonly HashSet<CoapCode> Posts = [CoapCode.Post];
        private static readonly CoapResponse Changed = new(CoapCode.Changed) { Payload = new byte[40] };

        public override IReadOnlySet<CoapCode> Methods => Posts;

        public override CoapResponse? AnswerAtOnce(RequestView request) => Changed;

        public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
