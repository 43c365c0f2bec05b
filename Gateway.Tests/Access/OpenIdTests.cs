using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Access;

/// <summary>Bearer tokens of a provider that runs here, with signing keys of the test's own.</summary>
internal sealed class OpenIdTests
{
    private static readonly string[] Admins = ["iot-admins", "staff"];

    private ECDsa _key = null!;
    private HttpReceiver _provider = null!;
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _provider = await HttpReceiver.StartAsync((context, request) => context.Response.WriteAsync(request.Line.Contains("jwks", StringComparison.Ordinal) ? KeySet() : Discovery()));
        _gateway = await GatewayUnderTest.StartAsync(
            null, null,
            $$"""access.open_id={"authority": "{{_provider.Url}}", "audience": "gateway", "name_claim": "email", "role_claim": "realm.roles", "roles": {"iot-admins": "admin", "iot-staff": "viewer"} }""",
            "access.stranger_burst=1000");
        _gateway.Log.Expect("IDX");
        _gateway.Log.Expect("Exception occurred while processing message");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
        _key.Dispose();
    }

    [Test]
    public async Task A_tokens_roles_are_those_that_the_configuration_gives_them()
    {
        var (admin, viewer, none) = (Token(roles: Admins), Token(roles: ["iot-staff"]), Token(roles: ["admin"]));

        Assert.That(await AskAsync("/api/v1/audit", admin), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync("/api/v1/devices", viewer), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync("/api/v1/audit", viewer), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await AskAsync("/api/v1/devices", none), Is.EqualTo(HttpStatusCode.Forbidden), "a role's own name means nothing where roles are given");
        Assert.That(await AskAsync("/api/v1/devices", null), Is.EqualTo(HttpStatusCode.Unauthorized), "there is no open door beside it");
    }

    [Test]
    public async Task What_a_bearer_changes_is_recorded_under_his_name()
    {
        await _gateway.StatusAsync(HttpMethod.Delete, "/api/v1/devices/nobody", Token(roles: Admins));
        using var response = await _gateway.AskAsync(HttpMethod.Get, "/api/v1/audit?actor=open_id/ada@example.com", Token(roles: Admins));

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("DeleteDevice"));
    }

    [Test]
    public async Task A_token_that_is_not_good_is_not_let_in()
    {
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var good = Token(roles: Admins);
        foreach (var (what, token) in new[]
        {
            ("another audience", Token(Admins, audience: "somebody-else")),
            ("another issuer", Token(Admins, issuer: "http://127.0.0.1:1")),
            ("expired", Token(Admins, expires: now.AddMinutes(-10))),
            ("signed by another key", Token(Admins, signing: new SigningCredentials(new ECDsaSecurityKey(otherKey) { KeyId = "one" }, SecurityAlgorithms.EcdsaSha256))),
            ("signed with a shared secret", Token(Admins, signing: new SigningCredentials(new SymmetricSecurityKey(new byte[32]) { KeyId = "one" }, SecurityAlgorithms.HmacSha256))),
            ("not signed", Base64Url("""{"alg":"none"}""") + "." + good.Split('.')[1] + "."),
            ("changed", good.Split('.')[0] + "." + Base64Url("""{"realm":{"roles":["iot-admins"]},"aud":"gateway"}""") + "." + good.Split('.')[2]),
            ("no token", "a.b.c"),
            ("nothing like it", "x"),
        })
        {
            Assert.That(await AskAsync("/api/v1/devices", token), Is.EqualTo(HttpStatusCode.Unauthorized), what);
        }
    }

    [Test]
    public async Task A_provider_that_is_down_lets_nobody_in_and_breaks_nothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, null, "access.open_id={\"authority\": \"http://127.0.0.1:1\", \"audience\": \"gateway\"}");
        gateway.Log.Expect("Exception occurred while processing message");
        using var response = await gateway.AskAsync(HttpMethod.Get, "/api/v1/devices", Token(Admins));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("the token can't be checked now"));
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, "/health"), Is.EqualTo(HttpStatusCode.OK));
    }

    private async Task<HttpStatusCode> AskAsync(string path, string? token) => await _gateway.StatusAsync(HttpMethod.Get, path, token, Visitor.Elsewhere);

    private string Token(string[] roles, string audience = "gateway", string? issuer = null, DateTime? expires = null, SigningCredentials? signing = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? _provider.Url,
            Audience = audience,
            NotBefore = now.AddHours(-1),
            IssuedAt = now.AddHours(-1),
            Expires = expires ?? now.AddHours(1),
            Claims = new Dictionary<string, object> { ["email"] = "ada@example.com", ["realm"] = new Dictionary<string, object> { ["roles"] = roles } },
            SigningCredentials = signing ?? new SigningCredentials(new ECDsaSecurityKey(_key) { KeyId = "one" }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    private string Discovery() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["issuer"] = _provider.Url,
        ["jwks_uri"] = $"{_provider.Url}/jwks",
    });

    private string KeySet()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", kid = "one", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) } },
        });
    }

    private static string Base64Url(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));
}
