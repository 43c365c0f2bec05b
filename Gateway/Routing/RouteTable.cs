using Gateway.Coap;

namespace Gateway.Routing;

/// <summary>All routes, immutable. Routes at one path with different methods stand together as one <see cref="RoutedPath"/>.</summary>
internal sealed class RouteTable
{
    private readonly RoutedPath[] _paths;

    private RouteTable(RoutedPath[] paths) => _paths = paths;

    public IReadOnlyList<RoutedPath> Paths => _paths;

    /// <summary>Makes the table of settings that have been validated.</summary>
    public static RouteTable Of(IEnumerable<RouteSettings> settings)
    {
        var paths = from route in settings.SelectMany(route => route.Expanded()).Select(expanded => ToRoute(expanded.Route, expanded.Step))
                    group route by route.Template.Shape into together
                    let path = new RoutedPath(together.First().Template, [.. together])
                    // A literal segment says more than a variable: /devices/gateway goes before /devices/{device_id}.
                    orderby Precedence(path.Template)
                    select path;
        return new RouteTable([.. paths]);
    }

    public RoutedPath? Find(IReadOnlyList<string> path)
    {
        foreach (var candidate in _paths)
        {
            if (candidate.Template.TryMatch(path, out _))
            {
                return candidate;
            }
        }

        return null;
    }

    private static DeviceRoute ToRoute(RouteSettings settings, RegistrationStep step)
    {
        var template = PathTemplate.TryParse(settings.Path, out var parsed, out var problem) ? parsed! : throw new FormatException($"{settings.Path} {problem}");
        return new DeviceRoute(
            template,
            settings.Methods.Select(ToCode).ToHashSet(),
            settings.Profile,
            [.. (settings.Identity ?? DefaultIdentity(template)).Select(ToRule)],
            settings.ContentFormats.ToHashSet(),
            step)
        {
            Kind = settings.Kind,
        };
    }

    private static IReadOnlyList<string> DefaultIdentity(PathTemplate template) =>
        template.Variables.Contains(IdentityRule.DeviceVariable) ? ["path"] : ["script"];

    private static IdentityRule ToRule(string text) =>
        IdentityRule.TryParse(text, out var rule, out var problem) ? rule : throw new FormatException(problem);

    private static CoapCode ToCode(RouteMethod method) => method switch
    {
        RouteMethod.Get => CoapCode.Get,
        RouteMethod.Post => CoapCode.Post,
        RouteMethod.Put => CoapCode.Put,
        _ => CoapCode.Delete,
    };

    private static string Precedence(PathTemplate template) => string.Concat(template.Segments.Select(segment => segment.IsVariable ? '1' : '0'));
}

/// <summary>What stands at one path: a route for each method that is served there.</summary>
internal sealed class RoutedPath(PathTemplate template, IReadOnlyList<DeviceRoute> routes)
{
    public PathTemplate Template { get; } = template;

    public IReadOnlyList<DeviceRoute> Routes { get; } = routes;

    /// <summary>The route for a method that one of the <see cref="Routes"/> serves.</summary>
    public DeviceRoute For(CoapCode method)
    {
        for (var i = 0; i < Routes.Count; i++)
        {
            if (Routes[i].Methods.Contains(method))
            {
                return Routes[i];
            }
        }

        throw new ArgumentException($"{method} is served by no route at {Template}", nameof(method));
    }
}
