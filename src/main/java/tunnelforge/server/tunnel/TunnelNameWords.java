package tunnelforge.server.tunnel;

import java.util.List;

/** What random tunnel names are made of: friendly in every pair, easy to say and to spell. Not a secret. */
final class TunnelNameWords {
    static final List<String> ADJECTIVES = words("""
            amber ample apt azure balmy bold brave breezy bright brisk bubbly calm candid careful caring cheerful
            cheery chirpy civil clever cosmic cosy crisp curious dapper daring deft dewy eager early easy elegant
            epic fabled fair famous fancy fast fearless festive fine fleet fluffy fond fresh friendly frosty gentle
            gifted glad gleaming golden good graceful grand green handy happy hardy hearty helpful honest hopeful
            humble ideal jaunty jolly jovial joyful keen kind lively loyal lucid lucky lunar magic mellow merry
            mighty mild mindful modest neat nifty nimble noble novel patient peppy placid plucky polite prime quick
            quiet radiant rapid ready regal robust rosy rustic serene sharp shiny silver sincere sleek smart smooth
            snappy snug solar solid sound spry stable starry steady sturdy sunny super swift tidy tranquil true
            trusty upbeat valiant velvet vivid warm wise witty zesty zippy
            """);

    static final List<String> NOUNS = words("""
            acorn alder alpaca anchor antelope apple aspen aurora badger bamboo basil beacon birch bison bluebird
            breeze bridge brook butterfly cactus canary candle canyon caribou cedar cheetah chipmunk cliff cloud
            clover comet condor coral cove crane cricket daisy dawn deer delta dolphin dove dragonfly duckling eagle
            echo elk ember falcon fern finch firefly fjord flamingo forest fox galaxy garden gazelle gecko giraffe
            glacier grove hamster harbor hare hawk hazel hedgehog heron hill ibex iris island jaguar kestrel
            kingfisher kite koala lagoon lake lantern lark lemon lemur lighthouse lilac lily linnet lion llama lotus
            lynx magnolia magpie maple marigold marlin marmot meadow meerkat moon moose mountain narwhal nebula newt
            oak oasis ocean olive orchid oriole osprey otter owl panda panther parrot pebble pelican penguin petal
            pine planet plum pond pony poplar puffin quail rabbit rainbow raven reef ridge river robin rocket rose
            salmon shell sparrow spruce squirrel star starling stream summit swan thistle tiger toucan trout tulip
            turtle valley violet walnut walrus waterfall wave whale willow wolf wombat wren yak zebra
            """);

    private TunnelNameWords() {
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
