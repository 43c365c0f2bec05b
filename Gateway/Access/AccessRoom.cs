using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Gateway.Access;

/// <summary>What is asked of every request before it comes to its endpoint.</summary>
internal static class AccessRoom
{
    private const string WhicheverFits = "KeyOrToken";

    /// <param name="services">The gateway's services.</param>
    /// <param name="settings">The settings of the room.</param>
    /// <param name="address">Where the management API listens.</param>
    public static void AddAccess(this IServiceCollection services, AccessSettings settings, IPAddress address)
    {
        services.AddSingleton(settings);
        services.AddSingleton(new Door(IPAddress.IsLoopback(address) && settings.OpenId is null));
        services.AddSingleton<AccessMetrics>();
        services.AddSingleton<AccessStore>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<AuditLog>();
        services.AddHostedService(provider => new FirstKey(address, settings, provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<ILogger<FirstKey>>()));
        services.AddHostedService(provider => provider.GetRequiredService<AuditLog>());

        var authentication = services.AddAuthentication(settings.OpenId is null ? ApiKeyHandler.SchemeName : WhicheverFits)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        if (settings.OpenId is { } openId)
        {
            authentication.AddPolicyScheme(WhicheverFits, null, either => either.ForwardDefaultSelector = SchemeFor).AddOpenId(openId);
        }

        // It reads and makes the keys that cookies are sealed with. Nothing here has cookies, and the start would wait for it.
        foreach (var keys in services.Where(service => service.ImplementationType?.Name is "DataProtectionHostedService").ToArray())
        {
            services.Remove(keys);
        }

        var declared = new DeclaredRole();
        services.AddSingleton<IAuthorizationHandler>(declared);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Doorkeeper>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(declared).Build());
        services.AddSingleton<RequestLimits>();
    }

    /// <summary>Who it is, whether they come too often, and whether they may: in this order.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseMiddleware<RequestLimits>();
        app.UseAuthorization();
    }

    private static string SchemeFor(HttpContext context) =>
        ApiKeyHandler.Given(context.Request) is { } given && !given.StartsWith(KeyText.Prefix, StringComparison.Ordinal)
            ? OpenIdTokens.SchemeName
            : ApiKeyHandler.SchemeName;
}

/// <summary>Without a key the API may be reached from this machine alone.</summary>
internal sealed class FirstKey(IPAddress address, AccessSettings settings, KeyRing keys, ILogger<FirstKey> log) : IHostedService
{
    /// <exception cref="AccessException">There is no key, and others could reach the API.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (keys.IsEmpty && settings.OpenId is null)
        {
            if (!IPAddress.IsLoopback(address))
            {
                throw new AccessException(
                    $"api.address {address} can be reached from other machines, and there is no key to ask for yet. Make one with "
                    + "\"gateway key add --name NAME --role admin\", or write 127.0.0.1 or ::1");
            }

            log.NoKeyYet();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
