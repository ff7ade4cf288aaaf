// Puts the parts of the page together.

import { byId } from "./dom.js";
import * as banner from "./banner.js";
import * as detail from "./detail.js";
import * as gallery from "./gallery.js";
import * as intake from "./intake.js";
import * as recipes from "./recipes.js";
import * as router from "./router.js";
import * as stats from "./stats.js";
import * as trace from "./trace.js";

banner.start(byId("banner"));
trace.start();
recipes.start(byId("recipe"), byId("recipe-hint"));
intake.start(recipes.chosen);
gallery.start();
stats.start();
detail.prepare();
router.start(detail.show);
