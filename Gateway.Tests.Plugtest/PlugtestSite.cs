using System.Globalization;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary>The resources that ETSI's CoAP plugtests ask for (TD_COAP_CORE, TD_COAP_LINK, TD_COAP_BLOCK and TD_COAP_OBS), for other stacks to be run against.</summary>
internal sealed class PlugtestSite : ICoapSite, IDisposable
{
    private const int LargeSize = 1_280;
    private const string Tests = "/test";
    private const string Observed = "/obs";
    private const string Created = "/location1/location2/location3";

    // How long /separate lets wait: longer than any engine piggybacks.
    private static readonly TimeSpan SeparateDelay = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, CoapResource> _resources = [];
    private readonly List<ResourceLink> _links = [];
    private readonly ObservedResource _observed;

    public PlugtestSite(TimeProvider time)
    {
        Add(Tests, new TestResource(Created), Title("Default test resource"));
        Add(Created, new FixedResource("what a POST to /test would have made"));
        Add("/separate", new FixedResource("at last", SeparateDelay, time), Title("Answers later"));
        Add("/seg1/seg2/seg3", new FixedResource("three segments"), Title("A path of three segments"));
        Add("/query", new QueryResource(), Title("Shows its query"));
        Add("/location-query", new LocationQueryResource(), Title("Answers with a location that has a query"));
        Add("/multi-format", new MultiFormatResource(), Title("Text or XML"), MultiFormatResource.Formats);
        AddConditional();
        AddLarge();
        AddLinks();
        _observed = new ObservedResource(time, () => Changed?.Invoke(Observed));
        Add(Observed, _observed, [.. Title("Changes every five seconds"), new("obs")]);
    }

    /// <summary>A resource has a new state: tells its path, on any thread. For <see cref="CoapServer.Notify(string)"/>.</summary>
    public event Action<string>? Changed;

    /// <summary>All resources but those that a client made.</summary>
    public IEnumerable<ResourceLink> Links => _links;

    /// <summary>How often the state of <c>/obs</c> was told.</summary>
    public int ObservedReads => _observed.Reads;

    public CoapResource? Find(IReadOnlyList<string> path) =>
        path is ["large-create", var name] ? ((LargeCreateResource)_resources["/large-create"]).Find(name)
        : _resources.GetValueOrDefault("/" + string.Join('/', path));

    public void Dispose() => _observed.Dispose();

    private void AddConditional()
    {
        Add("/validate", new StoredResource("as it was in the beginning"u8.ToArray()), Title("Has an ETag, and changes under conditions"));
        for (var number = 1; number <= 3; number++)
        {
            Add($"/create{number}", new StoredResource(initially: null), Title("Is not there until it is made"));
        }
    }

    private void AddLarge()
    {
        Add("/large", new FixedResource(Lines(LargeSize)), [.. Title("More than a datagram should have"), new("rt", "block"), Size(LargeSize)]);
        Add("/large-update", new StoredResource(Lines(LargeSize).AsMemory()), [.. Title("Takes more than a datagram should have"), new("rt", "block")]);
        Add("/large-create", new LargeCreateResource(), [.. Title("Makes resources that are large"), new("rt", "block")]);
        Add("/large-post", new LargePostResource(Lines(LargeSize)), [.. Title("Takes and gives much"), new("rt", "block")]);
    }

    private void AddLinks()
    {
        Add("/link1", new FixedResource("first"), [new("rt", "Type1 Type2"), new("if", "If1")]);
        Add("/link2", new FixedResource("second"), [new("rt", "Type2 Type3"), new("if", "If2")]);
        Add("/link3", new FixedResource("third"), [new("rt", "Type1 Type3"), new("if", "foo")]);

        // RFC 6690 §5: an entry of its own for what hangs below it.
        var below = Enumerable.Range(1, 3).Select(number => new ResourceLink($"/path/sub{number}", [])).ToArray();
        Add("/path", new FixedResource(LinkFormat.Write(below), ContentFormat.LinkFormat), Title("Lists what is below it"), ContentFormat.LinkFormat);
        foreach (var link in below)
        {
            _resources.Add(link.Path, new FixedResource(link.Path));
        }
    }

    private void Add(string path, CoapResource resource, IReadOnlyList<LinkAttribute>? attributes = null, params int[] formats)
    {
        _resources.Add(path, resource);
        _links.Add(new ResourceLink(path, formats) { Attributes = attributes ?? [] });
    }

    private static LinkAttribute[] Title(string text) => [new("title", text)];

    private static LinkAttribute Size(int bytes) => new("sz", bytes.ToString(CultureInfo.InvariantCulture));

    // Lines that say where in the body they stand, so that a gap or a wrong order is seen.
    private static byte[] Lines(int size)
    {
        var text = string.Concat(Enumerable.Range(0, size / 16).Select(line => $"{line * 16,6} ........\n"));
        return System.Text.Encoding.ASCII.GetBytes(text);
    }
}
