using System.Reflection;
using Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.House;

/// <summary>The numbers of log events, which people filter and alert by.</summary>
internal sealed class LogEventTests
{
    private const int Block = 100;

    private static readonly (MethodInfo Method, int Id)[] Events =
    [
        .. from type in typeof(GatewaySettings).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (method, message.EventId),
    ];

    [Test]
    public void Each_event_has_its_own() =>
        Assert.That(Events.GroupBy(known => known.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {Names(group)}"), Is.Empty);

    [Test]
    public void Each_room_has_its_own_block_of_a_hundred()
    {
        var shared = from known in Events
                     group known by known.Id / Block into block
                     where block.Key == 0 || block.Select(known => Room(known.Method)).Distinct().Count() > 1
                     select $"{block.Key * Block}: {Names(block)}";

        Assert.That(shared, Is.Empty);
    }

    private static string Room(MethodInfo method) => method.DeclaringType!.Namespace!.Split('.').ElementAtOrDefault(1) ?? "";

    private static string Names(IEnumerable<(MethodInfo Method, int Id)> events) =>
        string.Join(", ", events.Select(known => $"{known.Method.DeclaringType!.Name}.{known.Method.Name}"));
}
