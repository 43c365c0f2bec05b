using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Access;

/// <summary>JWT of an OpenID Connect provider: signed by it, meant for this gateway, and with a claim that says which roles.</summary>
internal static class OpenIdTokens
{
    public const string SchemeName = JwtBearerDefaults.AuthenticationScheme;

    // A provider that is down must not keep callers waiting.
    private static readonly TimeSpan ProviderTimeout = TimeSpan.FromSeconds(5);

    // What the provider signs with a key that only it has. "none" and shared secrets are no proof.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void AddOpenId(this AuthenticationBuilder authentication, OpenIdSettings settings) => authentication.AddJwtBearer(SchemeName, options =>
    {
        options.Authority = settings.Authority;
        options.Audience = settings.Audience;
        options.MapInboundClaims = false;
        options.BackchannelTimeout = ProviderTimeout;
        options.IncludeErrorDetails = false;

        // The validator of the settings lets no other provider be asked without TLS.
        options.RequireHttpsMetadata = !new Uri(settings.Authority).IsLoopback;
        options.TokenValidationParameters.ValidAlgorithms = Algorithms;
        options.TokenValidationParameters.RequireExpirationTime = true;
        options.TokenValidationParameters.RequireSignedTokens = true;
        options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
        options.Events = new JwtBearerEvents
        {
            // The same two places as for a key.
            OnMessageReceived = context =>
            {
                context.Token = ApiKeyHandler.Given(context.Request);
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                context.Principal = Known(context.Principal!, settings);
                return Task.CompletedTask;
            },
            OnAuthenticationFailed = async context =>
            {
                var problem = await ProviderProblemAsync(context);
                if (problem is not null)
                {
                    context.HttpContext.RequestServices.GetRequiredService<ILogger<OpenIdSettings>>().ProviderUnreachable(problem);
                }

                context.Fail(problem is null ? Explain(context.Exception) : "the token can't be checked now");
            },
        };
    });

    private static ClaimsPrincipal Known(ClaimsPrincipal token, OpenIdSettings settings) => Caller.Of(
        Caller.OpenIdPrefix + (token.FindFirstValue(settings.NameClaim) is { Length: > 0 } name ? name : "unnamed"), RolesOf(token, settings).Distinct(), SchemeName);

    private static IEnumerable<Role> RolesOf(ClaimsPrincipal token, OpenIdSettings settings)
    {
        foreach (var value in Values(token, settings.RoleClaim))
        {
            if (settings.Roles.TryGetValue(value, out var mapped) || (settings.Roles.Count == 0 && Roles.TryParse(value, out mapped)))
            {
                yield return mapped;
            }
        }
    }

    // A claim that is an object comes as its JSON.
    private static IEnumerable<string> Values(ClaimsPrincipal token, string claim)
    {
        var whole = token.FindAll(claim).Select(one => one.Value).ToList();
        if (whole.Count > 0 || claim.Split('.') is not [var first, .. { Length: > 0 } rest])
        {
            return whole;
        }

        return token.FindFirst(first) is { ValueType: "JSON" } outer ? Inside(outer.Value, rest) : [];
    }

    private static IEnumerable<string> Inside(string json, string[] path)
    {
        using var document = JsonDocument.Parse(json);
        var element = document.RootElement;
        foreach (var name in path)
        {
            if (element.ValueKind is not JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return [];
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Array => [.. element.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        };
    }

    // Without the provider's keys every token seems to be somebody else's.
    private static async Task<string?> ProviderProblemAsync(AuthenticationFailedContext context)
    {
        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException)
        {
            return e.Message;
        }
    }

    private static string Explain(Exception exception) => exception switch
    {
        SecurityTokenExpiredException expired => $"the token expired on {expired.Expires:yyyy-MM-dd HH:mm}Z",
        SecurityTokenInvalidAudienceException => "the token is meant for another audience",
        SecurityTokenInvalidIssuerException => "the token is of another issuer",
        _ => "the token is not valid",
    };
}
