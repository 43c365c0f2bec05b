using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Fuzz;

/// <summary>
/// A whole server on the loopback address, given what nobody would send: nothing is logged as an error, nobody gets more datagrams
/// than they sent, garbage gets at most a reset, and after each of them a ping is still answered.
/// </summary>
internal sealed class ServerFuzzTests
{
    private const int UsualCases = 25_000;
    private const int CasesPerDevice = 1_000;

    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        var site = new TestSite
        {
            ["/"] = Echo(),
            ["/m"] = Echo(),
            ["/c"] = Echo(),
            ["/i"] = Echo(),
            ["/t"] = Echo(),
            ["/echo"] = Echo(),
            ["/options"] = Echo(),
            ["/devices/cellar/data"] = Echo(),
            ["/temperature"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, "22.3 C")),
            ["/status"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[300] }),
            ["/large"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[1_200], ETag = new byte[] { 1 } }),
            ["/json"] = new TestResource(_ => new CoapResponse(CoapCode.Changed)) { TakesFormats = new HashSet<int> { 50 }, Gives = 50 },
            ["/if"] = new TestResource(_ => new CoapResponse(CoapCode.Changed))
            {
                Understands = new HashSet<int> { OptionNumber.IfMatch, OptionNumber.IfNoneMatch },
            },
        };
        _server = await TestServer.StartAsync(
            site.With(new ResourceLink("/m", [42]), new ResourceLink("/temperature", [])),
            new CoapSettings { Port = 0, Shards = 1, PeerRequestsPerSecond = 0, PrefixRequestsPerSecond = 0 },
            new FakeTimeProvider());
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public void Every_datagram_of_the_corpus_gets_what_it_is_owed()
    {
        using var device = new FuzzDevice(_server.Loopback());
        foreach (var seed in Corpus.Seeds)
        {
            Assert.That(device.Try(seed.Datagram), Is.Null, seed.Name);
        }

        Assert.That(device.Seen, Is.SupersetOf(new[] { "2.04", "2.05", "4.02", "4.04", "4.05", "5.05", "0.00" }), "the corpus reaches far");
    }

    [TestCaseSource(typeof(FuzzPlan), nameof(FuzzPlan.Seeds))]
    public void What_is_made_of_the_corpus_gets_what_it_is_owed(int seed)
    {
        var mutator = new Mutator(Corpus.Seeds, new Random(seed));
        FuzzDevice? device = null;
        for (var number = 0; number < FuzzPlan.Cases(UsualCases); number++)
        {
            if (number % CasesPerDevice == 0)
            {
                device?.Dispose();
                device = new FuzzDevice(_server.Loopback());
                Assert.That(_server.Log.TakeErrors(), Is.Empty, $"FUZZ_SEED={seed}, before case {number}");
            }

            var (from, datagram) = mutator.Next();
            if (device!.Try(datagram) is { } problem)
            {
                Assert.Fail($"{problem}; {FuzzPlan.Report(seed, number, from, datagram)}");
            }
        }

        device?.Dispose();
        Assert.That(_server.Log.TakeErrors(), Is.Empty, $"FUZZ_SEED={seed}");
    }

    private static TestResource Echo() => new(request => new CoapResponse(CoapCode.Changed) { Payload = request.Payload })
    {
        Takes = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Post, CoapCode.Put, CoapCode.Fetch },
    };
}
