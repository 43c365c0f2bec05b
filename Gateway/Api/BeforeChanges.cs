using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>What the audit record holds as <c>before</c>: the resource as GET would have shown it.</summary>
internal static class BeforeChanges
{
    public static async ValueTask<object?> DeviceAsync(HttpContext context) =>
        DeviceId.TryParse(Value(context, "device_id"), out var id)
        && await context.RequestServices.GetRequiredService<DeviceDirectory>().FindAsync(id, context.RequestAborted) is { } device
            ? DeviceDocument.Of(device)
            : null;

    public static async ValueTask<object?> CommandAsync(HttpContext context) =>
        await context.RequestServices.GetRequiredService<CommandConsumer>().FindAsync(Value(context, "request_id"), context.RequestAborted) is { } command
            ? CommandStatus.Of(command)
            : null;

    public static async ValueTask<object?> ScriptAsync(HttpContext context) =>
        await context.RequestServices.GetRequiredService<ScriptCatalog>().PeekAsync(Value(context, "name"), context.RequestAborted) is var script
        && ScriptEndpoints.IsThere(script)
            ? ScriptStatus.Of(script)
            : null;

    private static string Value(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";
}
