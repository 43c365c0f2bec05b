using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>Resources by their paths: <c>{ ["/m"] = ... }</c>.</summary>
internal sealed class TestSite : Dictionary<string, CoapResource>, ICoapSite
{
    public IEnumerable<ResourceLink> Links { get; private set; } = [];

    public TestSite With(params ResourceLink[] links)
    {
        Links = links;
        return this;
    }

    public CoapResource? Find(IReadOnlyList<string> path) => TryGetValue("/" + string.Join('/', path), out var resource) ? resource : null;
}
