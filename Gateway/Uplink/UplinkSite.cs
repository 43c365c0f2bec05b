using Gateway.Coap;
using Gateway.Devices;
using Gateway.Routing;

namespace Gateway.Uplink;

/// <summary>The routes as the CoAP engine sees them.</summary>
internal sealed class UplinkSite : ICoapSite
{
    private readonly LiveRoutes _routes;
    private readonly ProfileCatalog _profiles;
    private readonly DeviceDataHandler _frames;
    private readonly CommandPollHandler _polls;

    // Made anew by whoever first finds that the routes or the profiles have changed.
    private volatile Site _site;

    public UplinkSite(LiveRoutes routes, ProfileCatalog profiles, DeviceDataHandler frames, CommandPollHandler polls)
    {
        (_routes, _profiles, _frames, _polls) = (routes, profiles, frames, polls);
        _site = new Site(routes.Table, profiles, frames, polls);
    }

    public CoapResource? Find(IReadOnlyList<string> path) => Now().Find(path);

    /// <summary>A path with variables is no link: RFC 6690 lists targets, not templates.</summary>
    public IEnumerable<ResourceLink> Links =>
        from path in Now().Routes.Paths
        where path.Template.Variables.Count == 0
        let formats = path.Routes.SelectMany(route => route.ContentFormats).Distinct().Order().ToArray()
        select new ResourceLink("/" + string.Join('/', path.Template.Segments.Select(segment => Uri.EscapeDataString(segment.Text))), formats)
        {
            // RFC 7641 §6.
            Attributes = GivesCommands(path) ? [new LinkAttribute("obs")] : [],
        };

    private static bool GivesCommands(RoutedPath path) => path.Routes.Any(route => route.Kind is RouteKind.Commands);

    // What the gateway understands, and so takes although it may be critical: where an id stands, where a token does, and what the profile names.
    private static HashSet<int> OptionsOf(RoutedPath path, ProfileCatalog profiles) =>
    [
        .. path.Routes.SelectMany(route => route.Identity).Where(rule => rule.Kind is IdentityKind.Option).Select(rule => rule.Option),
        .. path.Routes.SelectMany(route => profiles.Find(route.Profile)?.Proof ?? []).OfType<TokenProofSettings>().Select(rule => rule.Option).OfType<int>(),
        .. path.Routes.SelectMany(route => profiles.Find(route.Profile)?.KnownOptions ?? []),
    ];

    private Site Now()
    {
        var (site, routes) = (_site, _routes.Table);
        return ReferenceEquals(site.Routes, routes) && ReferenceEquals(site.Profiles, _profiles.Edition) ? site : _site = new Site(routes, _profiles, _frames, _polls);
    }

    /// <summary>A table of routes with the resources that stand there.</summary>
    private sealed class Site(RouteTable routes, ProfileCatalog profiles, DeviceDataHandler frames, CommandPollHandler polls)
    {
        // Taken before the options are read: a change meanwhile makes another site.
        public object Profiles { get; } = profiles.Edition;

        private readonly Dictionary<RoutedPath, UplinkResource> _resources =
            routes.Paths.ToDictionary(path => path, path => new UplinkResource(path, OptionsOf(path, profiles), frames, polls));

        public RouteTable Routes { get; } = routes;

        public UplinkResource? Find(IReadOnlyList<string> path) => Routes.Find(path) is { } found ? _resources[found] : null;
    }

    /// <summary>What stands at one path.</summary>
    private sealed class UplinkResource(RoutedPath path, HashSet<int> options, DeviceDataHandler frames, CommandPollHandler polls) : CoapResource
    {
        public override IReadOnlySet<CoapCode> Methods { get; } = path.Routes.SelectMany(route => route.Methods).ToHashSet();

        // Where one of the routes takes any format, the engine has none to refuse.
        public override IReadOnlySet<int> ContentFormats { get; } = path.Routes.Any(route => route.ContentFormats.Count == 0)
            ? new HashSet<int>()
            : path.Routes.SelectMany(route => route.ContentFormats).ToHashSet();

        public override IReadOnlySet<int> KnownOptions => options;

        public override bool Observable { get; } = GivesCommands(path);

        public override bool TellsObservers => Observable;

        public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
        {
            var route = path.For(request.Method);
            return route.Kind is RouteKind.Commands ? polls.HandleAsync(route, request, cancellation) : frames.HandleAsync(route, request, cancellation);
        }
    }
}
