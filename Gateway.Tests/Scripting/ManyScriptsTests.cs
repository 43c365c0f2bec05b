using System.Globalization;
using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>A start with many scripts builds those that are needed, a few at a time.</summary>
internal sealed class ManyScriptsTests
{
    private const int Asked = 200;
    private const int NotAsked = 20;

    [Test]
    public async Task Scripts_that_are_all_asked_for_at_once_are_built_by_need_and_leave_the_threads_to_others()
    {
        using var clock = new BuildClock();
        using var house = new CatalogFixture(time: clock);
        for (var i = 0; i < Asked + NotAsked; i++)
        {
            house.Write(NameOf(i), CatalogFixture.Giving(i));
        }

        Task<CatalogScript>[] asking = [.. Enumerable.Range(0, Asked).Select(i => Task.Run(() => house.GetAsync(NameOf(i))))];
        var builtBeforeOthers = await Task.Run(() => house.Meters["gateway.script.loads/ok"]);
        var scripts = await Task.WhenAll(asking);

        await TestContext.Out.WriteLineAsync($"{builtBeforeOthers} were built when other work had its turn");
        Assert.Multiple(() =>
        {
            Assert.That(scripts.Select(CatalogFixture.Given), Is.EqualTo(Enumerable.Range(0, Asked)));
            Assert.That(clock.Most, Is.InRange(1, Math.Max(1, Environment.ProcessorCount / 2)), "so many are built at a time");
            Assert.That((clock.Begun, clock.UnderWay), Is.EqualTo((Asked, 0)), "the clock saw every build");
            Assert.That(house.Catalog.Loaded.Select(script => script.Ref), Is.EquivalentTo(Enumerable.Range(0, Asked).Select(NameOf)), "nobody asked for the others");
            Assert.That(house.Meters["gateway.script.loads/ok"], Is.EqualTo(Asked));
            Assert.That(builtBeforeOthers, Is.LessThan(Asked / 2), "other work has its turn long before the builds are through");
        });
    }

    private static string NameOf(int script) => string.Create(CultureInfo.InvariantCulture, $"s{script}.csx");
}
