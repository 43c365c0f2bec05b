using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Access;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Access;

/// <summary>Who may call what. The table is <c>Contracts/roles.approved.txt</c>; the endpoints are all that there are, so none can be forgotten.</summary>
internal sealed partial class EndpointRoleTests
{
    private GatewayUnderTest _gateway = null!;
    private Dictionary<string, string> _keys = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(null, null, "access.stranger_burst=100000");
        _keys = [];
        foreach (var role in Enum.GetValues<Role>())
        {
            _keys[role.Name()] = await _gateway.KeyAsync(role);
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public void Every_endpoint_says_who_may_call_it()
    {
        var silent = Endpoints().Where(endpoint => endpoint.Roles is null).Select(endpoint => $"{endpoint.Method} {endpoint.Path}");

        Assert.That(silent, Is.Empty, "an endpoint declares its roles: .For(Role.Viewer)");
    }

    [Test]
    public void The_roles_are_the_approved_ones()
    {
        var table = Endpoints().Select(endpoint => $"{endpoint.Method} {endpoint.Path}: {endpoint.Roles}").Order(StringComparer.Ordinal);

        Approved.Matches("roles.approved.txt", string.Join('\n', table));
    }

    [Test]
    public async Task Nobody_without_a_key_comes_in_from_elsewhere_or_from_here()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Roles is not { IsForAnybody: true }))
        {
            foreach (var (key, from) in new[] { (null, Visitor.Elsewhere), (null, null), ("gwk_0123456789ab_wrong", Visitor.Elsewhere), ("not-a-key", Visitor.Elsewhere) })
            {
                await ExpectAsync(HttpStatusCode.Unauthorized, endpoint, key, from);
            }
        }
    }

    [Test]
    public async Task Each_role_is_refused_what_is_not_its_own()
    {
        var refused = 0;
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Roles is { IsForAnybody: false }))
        {
            foreach (var role in Enum.GetValues<Role>().Where(role => !IsAllowed(role, endpoint.Roles!)))
            {
                await ExpectAsync(HttpStatusCode.Forbidden, endpoint, _keys[role.Name()], Visitor.Elsewhere);
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(30));
    }

    [Test]
    public async Task Each_role_may_do_what_is_its_own()
    {
        foreach (var (method, path, role) in new[]
        {
            ("GET", "/api/v1/devices", "viewer"), ("GET", "/api/v1/devices", "integrator"), ("GET", "/metrics", "viewer"), ("GET", "/api/v1/scripts", "operator"),
            ("DELETE", "/api/v1/devices/nobody", "operator"), ("POST", "/api/v1/scripts/none.csx/rollback", "integrator"), ("DELETE", "/api/v1/replays/none", "operator"),
            ("DELETE", "/api/v1/replays/none", "integrator"), ("GET", "/api/v1/keys", "admin"), ("GET", "/api/v1/audit", "admin"), ("DELETE", "/api/v1/devices/nobody", "admin"),
        })
        {
            Assert.That(
                await _gateway.StatusAsync(new HttpMethod(method), path, _keys[role], Visitor.Elsewhere), Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.NotFound),
                $"{method} {path} as {role}");
        }
    }

    // The same rule, said once more in the plainest form.
    private static bool IsAllowed(Role role, EndpointRoles declared) => role switch
    {
        Role.Admin => true,
        _ when declared.Roles.Contains(Role.Viewer) => true,
        _ => declared.Roles.Contains(role),
    };

    private async Task ExpectAsync(HttpStatusCode status, Endpoint endpoint, string? key, string? from)
    {
        using var response = await _gateway.AskAsync(new HttpMethod(endpoint.Method), Variable().Replace(endpoint.Path, "x"), key, from);
        var body = await response.Content.ReadAsStringAsync();

        Assert.That(response.StatusCode, Is.EqualTo(status), $"{endpoint.Method} {endpoint.Path} with {key ?? "no key"}: {body}");
        if (endpoint.Method != "HEAD")
        {
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), endpoint.Path);
            Assert.That(JsonNode.Parse(body)!["detail"]!.GetValue<string>(), Is.Not.Empty);
        }

        Assert.That(response.Headers.WwwAuthenticate.Count, Is.EqualTo(status is HttpStatusCode.Unauthorized ? 1 : 0));
    }

    private IEnumerable<Endpoint> Endpoints() =>
        from endpoint in _gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select new Endpoint(method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/'), endpoint.Metadata.GetMetadata<EndpointRoles>());

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Variable();

    private sealed record Endpoint(string Method, string Path, EndpointRoles? Roles);
}
