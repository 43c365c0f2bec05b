using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Access;

/// <summary>
/// Recognises whoever brings a key, as <c>Authorization: Bearer</c> or <c>X-Api-Key</c>. While there has never been a key, and nobody from elsewhere
/// can reach the API, it takes whoever is on this machine for its admin.
/// </summary>
internal sealed class ApiKeyHandler(
    KeyRing keys, Door door, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";

    // Nobody changes a principal, so that all requests with a key have the same one, as long as the key is known.
    private static readonly ClaimsPrincipal ThisMachine = Caller.Of(Caller.Local, [Role.Admin], SchemeName);
    private static readonly ConditionalWeakTable<ApiKey, ClaimsPrincipal> Holders = [];

    /// <summary>What a request brings: the key or the token; null for nothing.</summary>
    public static string? Given(HttpRequest request)
    {
        if (request.Headers.TryGetValue(Header, out var own))
        {
            return own.ToString();
        }

        var authorization = request.Headers[HeaderNames.Authorization].ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        if (Given(Request) is { } given)
        {
            return keys.Check(given, out var problem) is { } key
                ? Success(Holders.GetValue(key, static key => Caller.Of(Caller.KeyPrefix + key.Id, key.Roles, SchemeName)))
                : AuthenticateResult.Fail(problem!);
        }

        return door.IsOpenToThisMachine && keys.IsEmpty && IsFromThisMachine() ? Success(ThisMachine) : AuthenticateResult.NoResult();
    }

    private static AuthenticateResult Success(ClaimsPrincipal caller) => AuthenticateResult.Success(new AuthenticationTicket(caller, SchemeName));

    // A page of another site, open in a browser on this machine, may send requests here: such a request says where it comes from.
    private bool IsFromThisMachine() =>
        Context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && (!Request.Headers.TryGetValue(HeaderNames.Origin, out var origin) || IsOwn(origin.ToString()));

    private bool IsOwn(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == Request.Host.Value;
}

/// <summary>How the management API can be reached.</summary>
/// <param name="IsOpenToThisMachine">Whether it listens on a loopback address alone, and nobody but the holders of keys could be known.</param>
internal sealed record Door(bool IsOpenToThisMachine);
