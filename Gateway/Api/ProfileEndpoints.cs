using System.ComponentModel;
using Gateway.Access;
using Gateway.Devices;
using Gateway.Routing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/profiles</c> and <c>/api/v1/routes</c>: what gateway.json says of devices and their requests, to be read.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfiles(this IEndpointRouteBuilder api)
    {
        api.MapGet("/profiles", List).For(Role.Viewer).WithTags("Profiles and routes")
            .WithName("ListProfiles").WithSummary("The profiles of gateway.json.");
        api.MapGet("/profiles/{name}", Find).For(Role.Viewer).WithTags("Profiles and routes").ProducesProblem(404)
            .WithName("GetProfile").WithSummary("One profile.");
        api.MapGet("/routes", ListRoutes).For(Role.Viewer).WithTags("Profiles and routes")
            .WithName("ListRoutes").WithSummary("The routes of gateway.json, in the order in which a request is compared with them.");
    }

    private static Ok<IReadOnlyList<ProfileStatus>> List(ProfileCatalog profiles) =>
        TypedResults.Ok<IReadOnlyList<ProfileStatus>>([.. profiles.Names.Select(name => ProfileStatus.Of(name, profiles.Find(name)!))]);

    private static Results<Ok<ProfileStatus>, ProblemHttpResult> Find(string name, ProfileCatalog profiles) => profiles.Find(name) is { } profile
        ? TypedResults.Ok(ProfileStatus.Of(name, profile))
        : Problems.NotFound($"gateway.json has no profile \"{name}\"; it has {string.Join(", ", profiles.Names)}");

    private static Ok<IReadOnlyList<RouteStatus>> ListRoutes(RouteTable routes) =>
        TypedResults.Ok<IReadOnlyList<RouteStatus>>([.. routes.Paths.SelectMany(path => path.Routes).Select(RouteStatus.Of)]);
}

/// <summary>What devices of one kind have in common.</summary>
internal sealed record ProfileStatus
{
    public required string Name { get; init; }

    [Description("The script that understands these devices.")]
    public required string Script { get; init; }

    [Description("The names of the script's settings. Their values may be secrets, and are not told.")]
    public required IReadOnlyList<string> Settings { get; init; }

    [Description("Labels that every reading gets.")]
    public required IReadOnlyList<string> Labels { get; init; }

    [Description("Metadata that every reading gets, where the script gives none of the same name.")]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [Description("What becomes of a device that is not known yet.")]
    public required UnknownDevicePolicy UnknownDevices { get; init; }

    [Description("What a device is told while it waits for approval.")]
    public required KeptAnswer OnHeld { get; init; }

    [Description("What a device is told of a payload that its script calls malformed.")]
    public required KeptAnswer OnMalformed { get; init; }

    [Description("What a device is told when its script fails.")]
    public required KeptAnswer OnScriptFault { get; init; }

    [Description("What counts as evidence that a device has a command.")]
    public required CommandConfirm Confirm { get; init; }

    public required double ConfirmTimeoutSeconds { get; init; }

    public static ProfileStatus Of(string name, ProfileSettings profile) => new()
    {
        Name = name,
        Script = profile.Script,
        Settings = [.. profile.Settings.Keys.Order(StringComparer.Ordinal)],
        Labels = profile.Labels,
        Metadata = profile.Metadata,
        UnknownDevices = profile.UnknownDevices,
        OnHeld = profile.OnHeld,
        OnMalformed = profile.OnMalformed,
        OnScriptFault = profile.OnScriptFault,
        Confirm = profile.Confirm,
        ConfirmTimeoutSeconds = profile.ConfirmTimeoutSeconds,
    };
}

/// <summary>Which requests are taken, for which profile, and how their senders are recognised.</summary>
/// <param name="Path">The path, with variables in braces.</param>
/// <param name="Methods">The methods that are served.</param>
/// <param name="Profile">The profile of the devices that speak here.</param>
/// <param name="Identity">The rules by which a device is recognised, tried in order; none asks nobody who they are.</param>
/// <param name="ContentFormats">The formats of payloads that are taken; none takes any.</param>
internal sealed record RouteStatus(string Path, IReadOnlyList<string> Methods, string Profile, IReadOnlyList<string> Identity, IReadOnlyList<int> ContentFormats)
{
    public static RouteStatus Of(DeviceRoute route) => new(
        route.Template.ToString()!,
        [.. route.Methods.Select(method => method.ToString()).Order(StringComparer.Ordinal)],
        route.Profile,
        [.. route.Identity.Select(NameOf)],
        [.. route.ContentFormats.Order()]);

    private static string NameOf(IdentityRule rule) => rule.Kind switch
    {
        IdentityKind.Query => $"query:{rule.Name}",
        IdentityKind.Option => $"option:{rule.Option}",
        _ => rule.Kind.ToString().ToLowerInvariant(),
    };
}
