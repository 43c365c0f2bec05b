using Gateway.Routing;

namespace Gateway.Configuration;

/// <summary>What must hold for the routes of gateway.json, each by itself and among each other.</summary>
internal static class RouteRules
{
    public static IEnumerable<SettingsProblem> Check(GatewaySettings settings)
    {
        var seen = new List<(string Place, PathTemplate Template, RouteSettings Route)>();
        for (var i = 0; i < settings.Routes.Count; i++)
        {
            var (place, route) = (SettingsPath.Item("routes", i), settings.Routes[i]);
            if (!settings.Profiles.ContainsKey(route.Profile))
            {
                yield return new SettingsProblem(SettingsPath.Member(place, "profile"), NoProfile(route.Profile, settings.Profiles.Keys));
            }

            if (!PathTemplate.TryParse(route.Path, out var template, out var problem))
            {
                yield return new SettingsProblem(SettingsPath.Member(place, "path"), $"\"{route.Path}\" {problem}");
            }

            foreach (var other in Lists(place, route, template).Concat(Commands(place, route)))
            {
                yield return other;
            }

            if (route.Registers && !route.Methods.Contains(RouteMethod.Post))
            {
                yield return new SettingsProblem(SettingsPath.Member(place, "methods"), "a route with \"registers\" must serve post");
            }

            foreach (var (taken, _) in route.Expanded())
            {
                if (PathTemplate.TryParse(taken.Path, out var own, out _))
                {
                    if (seen.FirstOrDefault(earlier => Collide(earlier.Template, earlier.Route, own!, taken)) is { Place: { } twin })
                    {
                        yield return new SettingsProblem(SettingsPath.Member(place, "path"), $"\"{taken.Path}\" takes the same requests as {twin}");
                    }

                    seen.Add((place, own!, taken));
                }
            }
        }
    }

    private static IEnumerable<SettingsProblem> Lists(string place, RouteSettings route, PathTemplate? template)
    {
        for (var i = 0; i < route.Identity?.Count; i++)
        {
            if (IdentityComplaint(route.Identity[i], template) is { } complaint)
            {
                yield return new SettingsProblem(SettingsPath.Item(SettingsPath.Member(place, "identity"), i), complaint);
            }
        }

        for (var i = 0; i < route.ContentFormats.Count; i++)
        {
            // RFC 7252 12.3: the number has two bytes.
            if (route.ContentFormats[i] is < 0 or > 65535)
            {
                yield return new SettingsProblem(SettingsPath.Item(SettingsPath.Member(place, "content_formats"), i), $"{route.ContentFormats[i]} is not within 0..65535");
            }
        }
    }

    private static IEnumerable<SettingsProblem> Commands(string place, RouteSettings route)
    {
        if (route.Kind is RouteKind.Commands && route.Methods is not [RouteMethod.Get])
        {
            yield return new SettingsProblem(SettingsPath.Member(place, "methods"), "a route of kind \"commands\" serves [\"get\"] and nothing else");
        }

        if (route is { Kind: RouteKind.Commands, Identity.Count: 0 })
        {
            yield return new SettingsProblem(SettingsPath.Member(place, "identity"), "a route of kind \"commands\" must ask who the device is: leave it out, or name at least one way");
        }
    }

    private static string? IdentityComplaint(string text, PathTemplate? template) =>
        !IdentityRule.TryParse(text, out var rule, out var problem) ? problem
        : rule.Kind is IdentityKind.Path && template?.Variables.Contains(IdentityRule.DeviceVariable) is false
            ? $"\"path\" needs the variable {{{IdentityRule.DeviceVariable}}} in the route's path"
        : null;

    // A text beats a variable, so /devices/new and /devices/{device_id} may stand side by side; two of the same shape may not.
    private static bool Collide(PathTemplate one, RouteSettings first, PathTemplate other, RouteSettings second) =>
        one.Shape == other.Shape && first.Methods.Intersect(second.Methods).Any();

    internal static string NoProfile(string name, IEnumerable<string> names) =>
        $"there is no profile \"{name}\"" + (NearestName.Hint(name, names) is { Length: > 0 } hint ? hint
            : names.Any() ? "; there are " + string.Join(", ", names.Select(known => $"\"{known}\"")) : "");
}
