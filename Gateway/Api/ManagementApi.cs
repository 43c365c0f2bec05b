using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Api;

/// <summary>The management API as a whole: what it is served with, and what is served.</summary>
internal static class ManagementApi
{
    /// <summary>How the API writes and reads JSON, for clients of this program.</summary>
    public static readonly JsonSerializerOptions Json = Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static void AddManagementApi(this WebApplicationBuilder builder, ApiSettings settings, AccessSettings access)
    {
        var address = IPAddress.Parse(settings.Address);

        // A request runs on the pool's thread that its bytes came to, and its answer leaves from where it was made: two hops between threads less,
        // for which devices that speak meanwhile would wait. What is unsafe is to block the thread that watches all sockets, which this one is not.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, settings.Port, listen =>
            {
                if (settings.Tls is not null)
                {
                    var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options) });
                }
            });
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = CommandRequest.MaxBytes;
        });

        // A web page that resolves its own name to 127.0.0.1 reaches the port, but not with one of these as Host.
        // Where every request needs a key that has nothing to gain. The framework's own filter stands in front of everything, where no problem document is written.
        foreach (var early in builder.Services.Where(service => service.ImplementationType?.Name is "HostFilteringStartupFilter").ToArray())
        {
            builder.Services.Remove(early);
        }

        builder.Services.AddHostFiltering(filtering => (filtering.AllowedHosts, filtering.IncludeFailureMessage) =
            (IPAddress.IsLoopback(address) ? ["localhost", "127.0.0.1", "[::1]", settings.Address] : ["*"], false));
        builder.Services.AddAccess(access, address);
        if (settings.Tls is { } tls)
        {
            builder.Services.AddSingleton(tls);
            builder.Services.AddSingleton<ServerCertificate>();
            builder.Services.AddHostedService(provider => provider.GetRequiredService<ServerCertificate>());
        }

        builder.Services.ConfigureHttpJsonOptions(options => Configured(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemsForAll>();
        builder.Services.AddProblemDetails();
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = ApiLimits.DefaultTimeout);
        builder.Services.AddExceptionHandler<BadRequests>();
        builder.Services.AddSingleton<DeviceRegistrar>();
        builder.Services.AddSingleton<DeviceImport>();
        builder.Services.AddSingleton<ScriptTrials>();
        builder.Services.AddSingleton<EventStreams>();
        builder.Services.AddHostedService<ListeningNotice>();
        builder.Services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "CoAP gateway", Version = "v1", Description = "Devices, and commands for them." };
            document.Servers = [];
            return Task.CompletedTask;
        }));
    }

    public static void MapManagementApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseHostFiltering();
        app.UseRequestTimeouts();
        app.UseAccess();

        // The same for everybody's gateway, and a browser that reads it has no way to bring a key.
        app.MapOpenApi().ForAnybody();
        app.MapApiReference();

        var api = app.MapGroup("/api/v1");
        api.NameUnreadParameters();
        api.RecordChanges();
        api.MapDevices();
        api.MapDeviceTransfer();
        api.MapDeviceTraces();
        api.MapDeviceKeys();
        api.MapDeviceCertificates();
        api.MapCommands();
        api.MapCommandRuns();
        api.MapScripts();
        api.MapProfiles();
        api.MapDeadLetters();
        api.MapReplays();
        api.MapSinks();
        api.MapKeys();
        api.MapAudit();
        api.MapConfiguration();
        api.MapLog();
        api.MapBackups();
        api.MapEvents();
    }

    private static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        return options;
    }
}
