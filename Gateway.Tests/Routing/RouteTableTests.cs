using Gateway.Coap;
using Gateway.Routing;

namespace Gateway.Tests.Routing;

internal sealed class RouteTableTests
{
    private static readonly RouteTable Routes = RouteTable.Of(
    [
        new RouteSettings { Path = "/devices/{device_id}", Profile = "any" },
        new RouteSettings { Path = "/devices/gateway", Profile = "literal" },
        new RouteSettings { Path = "/t", Methods = [RouteMethod.Get], Profile = "get", Identity = [] },
        new RouteSettings { Path = "/t", Methods = [RouteMethod.Post], Profile = "post", Identity = ["query:id", "option:2001", "script"] },
    ]);

    [Test]
    public void A_literal_goes_before_a_variable()
    {
        Assert.That(ProfileOf("devices", "gateway"), Is.EqualTo("literal"));
        Assert.That(ProfileOf("devices", "other"), Is.EqualTo("any"));
    }

    [Test]
    public void Routes_at_one_path_are_told_apart_by_method()
    {
        var path = Routes.Find(["t"])!;

        Assert.That(path.For(CoapCode.Get).Profile, Is.EqualTo("get"));
        Assert.That(path.For(CoapCode.Post).Profile, Is.EqualTo("post"));
    }

    [TestCase]
    [TestCase("devices")]
    [TestCase("devices", "a", "b")]
    [TestCase("devices", "")]
    public void Other_paths_lead_nowhere(params string[] path) => Assert.That(Routes.Find(path), Is.Null);

    [Test]
    public void A_route_that_says_nothing_of_identity_goes_by_its_path_or_its_script()
    {
        Assert.That(Routes.Find(["devices", "a"])!.Routes[0].Identity, Is.EqualTo(new[] { new IdentityRule(IdentityKind.Path) }));
        Assert.That(RouteTable.Of([new RouteSettings { Path = "/m", Profile = "x" }]).Paths[0].Routes[0].Identity, Is.EqualTo(new[] { new IdentityRule(IdentityKind.Script) }));
        Assert.That(Routes.Find(["t"])!.For(CoapCode.Get).IsAnonymous);
    }

    [Test]
    public void Identity_rules_keep_their_order() => Assert.That(
        Routes.Find(["t"])!.For(CoapCode.Post).Identity,
        Is.EqualTo(new[] { new IdentityRule(IdentityKind.Query, Name: "id"), new IdentityRule(IdentityKind.Option, Option: 2001), new IdentityRule(IdentityKind.Script) }));

    private static string ProfileOf(params string[] path) => Routes.Find(path)!.Routes[0].Profile;
}
