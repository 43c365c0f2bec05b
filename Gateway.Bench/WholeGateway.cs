using Gateway.Cli;
using Gateway.Configuration;
using Microsoft.AspNetCore.Builder;

namespace Gateway.Bench;

/// <summary>The whole gateway in this process, as its configuration file says, but for some settings.</summary>
internal static class WholeGateway
{
    /// <param name="file">The configuration file.</param>
    /// <param name="settings">Settings, each <c>path=value</c>.</param>
    /// <exception cref="InvalidOperationException">The configuration has mistakes.</exception>
    public static async Task<WebApplication> StartAsync(string file, params string[] settings)
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationSources
        {
            File = file,
            Sets = ["coap.addresses=[\"127.0.0.1\"]", "coap.port=0", "api.port=0", "log.level=error", .. settings],
        });
        if (configuration.ProblemLines.Any())
        {
            throw new InvalidOperationException(string.Join("; ", configuration.ProblemLines));
        }

        var gateway = GatewayHost.Create(configuration);
        await gateway.StartAsync();
        return gateway;
    }
}
